#include "actors/server/shard.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/rights/peer.hpp"
#include "actors/rights/unexpected.hpp"

#include <string>
#include <utility>

namespace adsp {

namespace {

/// Whether an honest peer never causes this error.
bool senseless(const caf::error& why) {
  return why == ec::wrong_shard || why == ec::wrong_size || why == ec::not_finite;
}

} // namespace

caf::result<fresh> shard_state::commit(const push& update) {
  // A worker whose node has just been lost may not know it yet: no strike.
  if (rights && !rights->may_commit(update.id.worker, peer_of(self)))
    return make_error(ec::not_permitted, "a commit of worker " + std::to_string(update.id.worker));
  if (auto error = store->apply(update)) {
    if (senseless(error))
      strike(to_text(error));
    return error;
  }
  const auto who = update.id.worker;
  if (!update.pull || !store->holds_commit_of(who))
    return answer_to(who, update.pull, update.fp16);
  return held.add(who, {self->make_response_promise<fresh>(), update.pull, update.fp16},
                  self->clock().now());
}

fresh shard_state::answer_to(worker_id who, bool pull, bool fp16) {
  return {store->shard(), store->version(), pull ? store->answer(fp16) : encoded_block{},
          store->generation(), held.time_of_last(who)};
}

void shard_state::answer_held() {
  held.end(self->clock().now(), [this](worker_id who, held_push each) {
    each.promise.deliver(answer_to(who, each.pull, each.fp16));
  });
}

caf::result<fresh> shard_state::answer(const pull& question) {
  if (rights && !rights->leads(peer_of(self)) &&
      (question.candidate || !rights->may_pull(peer_of(self))))
    return make_error(ec::not_permitted, "a pull of shard " + std::to_string(question.shard));
  if (question.shard != store->shard()) {
    strike("a pull of another shard");
    return make_error(ec::wrong_shard, "this is shard " + std::to_string(store->shard()));
  }
  if (question.candidate)
    store->candidate();
  if (store->enter(question.round))
    answer_held();
  return fresh{store->shard(), store->version(question.round),
               values(question.fp16, question.round), store->generation()};
}

encoded_block shard_state::values(bool fp16, std::uint64_t round) {
  return fp16 ? store->fp16_snapshot(round) : encoded_block{store->snapshot(round)};
}

bool shard_state::ordered(const char* what) const {
  return is_ordered(self, rights.get(), what);
}

void shard_state::strike(const std::string& why) const {
  if (rights)
    rights->strike(peer_of(self), why);
}

shard_actor::behavior_type shard(shard_actor::stateful_pointer<shard_state> self, const host& part,
                                 std::shared_ptr<access> rights) {
  auto& state = self->state;
  state.store.emplace(part.shard, part.initial.values(), part.rule);
  state.rights = std::move(rights);
  if (state.rights)
    refuse_unexpected(self, state.rights);
  return {
      [&state](const push& x) { return state.commit(x); },
      [&state](const pull& x) { return state.answer(x); },
      [&state](const server_rate& rate) {
        if (state.ordered("a server's rate"))
          state.store->set_rate(rate);
      },
      [&state](const close_round& order) {
        if (state.ordered("an order to close a round") && state.store->close(order.round))
          state.answer_held();
      },
      [&state](keep_atom) {
        if (state.ordered("an order to keep"))
          state.store->keep();
      },
      [&state](const restore& order) {
        if (state.ordered("an order to restore") && state.store->restore(order.generation))
          state.answer_held();
      },
  };
}

} // namespace adsp
