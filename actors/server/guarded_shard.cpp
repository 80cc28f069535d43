#include "actors/server/guarded_shard.hpp"

#include "actors/rights/peer.hpp"
#include "actors/rights/unexpected.hpp"

#include <string>
#include <utility>

namespace adsp {

namespace {

using pointer = shard_actor::stateful_pointer<shard_state>;

/// Whether an honest peer never sends what is answered with this.
bool senseless(const caf::error& x) {
  return x == ec::wrong_shard || x == ec::wrong_size || x == ec::not_finite;
}

caf::result<fresh> commit(pointer self, access& rights, const push& x) {
  // One that has just been given up does not know yet: no strike.
  if (!rights.may_commit(x.id.worker, peer_of(self)))
    return make_error(ec::not_permitted, "a commit of worker " + std::to_string(x.id.worker));
  if (auto error = self->state.store->apply(x)) {
    if (senseless(error))
      rights.strike(peer_of(self), to_text(error));
    return error;
  }
  return self->state.answer_commit(x);
}

caf::result<fresh> answer(pointer self, access& rights, const pull& x) {
  const auto peer = peer_of(self);
  if (!rights.leads(peer) && (x.candidate || !rights.may_pull(peer)))
    return make_error(ec::not_permitted, "a pull of shard " + std::to_string(x.shard));
  if (x.shard != self->state.store->shard())
    rights.strike(peer, "a pull of another shard");
  return self->state.answer(x);
}

} // namespace

shard_actor::behavior_type guarded_shard(pointer self, const host& part,
                                         std::shared_ptr<access> rights) {
  refuse_unexpected(self, rights);
  self->state.store.emplace(part.shard, part.initial.values(), part.rule);
  const auto ordered = [self, rights](const char* what) {
    const bool leads = rights->leads(peer_of(self));
    if (!leads)
      rights->strike(peer_of(self), what);
    return leads;
  };
  return {
      [self, rights](const push& x) { return commit(self, *rights, x); },
      [self, rights](const pull& x) { return answer(self, *rights, x); },
      [self, ordered](const server_rate& x) {
        if (ordered("a server's rate"))
          self->state.store->set_rate(x);
      },
      [self, ordered](keep_atom) {
        if (ordered("an order to keep"))
          self->state.store->keep();
      },
      [self, ordered](const restore& x) {
        if (ordered("an order to restore"))
          self->state.store->restore(x.generation);
      },
  };
}

} // namespace adsp
