#include "actors/server/shard.hpp"

namespace adsp {

caf::result<fresh> shard_state::commit(const push& x) {
  if (auto error = store->apply(x))
    return error;
  return answer_commit(x);
}

fresh shard_state::answer_commit(const push& x) {
  return {store->shard(), store->version(), x.pull ? values(x.halved) : encoded_block{},
          store->generation()};
}

caf::result<fresh> shard_state::answer(const pull& x) {
  if (x.shard != store->shard())
    return make_error(ec::wrong_shard, "this is shard " + std::to_string(store->shard()));
  if (x.candidate)
    store->candidate();
  store->enter(x.round);
  return fresh{store->shard(), store->version(x.round), values(x.halved, x.round),
               store->generation()};
}

encoded_block shard_state::values(bool halved, std::uint64_t round) {
  return halved ? store->halved_snapshot(round) : encoded_block{store->snapshot(round)};
}

shard_actor::behavior_type shard(shard_actor::stateful_pointer<shard_state> self,
                                 const host& part) {
  self->state.store.emplace(part.shard, part.initial.values(), part.rule);
  return {
      [self](const push& x) { return self->state.commit(x); },
      [self](const pull& x) { return self->state.answer(x); },
      [self](const server_rate& x) { self->state.store->set_rate(x); },
      [self](keep_atom) { self->state.store->keep(); },
      [self](const restore& x) { self->state.store->restore(x.generation); },
  };
}

} // namespace adsp
