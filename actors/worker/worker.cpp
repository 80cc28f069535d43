#include "actors/worker/worker.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"

#include <algorithm>
#include <utility>

namespace adsp {

namespace {

/// Updates in a row that are not finite before the worker gives up.
constexpr int max_void_updates = 3;

} // namespace

worker_state::worker_state(worker_actor::pointer selfptr) : self{selfptr} {}

void worker_state::start(std::shared_ptr<worker_setup> x) {
  setup.emplace(std::move(*x));
  origin = self->clock().now();
  self->monitor(setup->scheduler);
  const auto join_at = setup->machine.join_time();
  if (const auto leave_at = setup->machine.leave_time(); leave_at > 0)
    self->scheduled_send(worker_actor{self}, origin + to_duration(leave_at), leave_atom::value);
  if (join_at > 0)
    self->scheduled_send(worker_actor{self}, origin + to_duration(join_at), join_atom::value);
  else
    join_job();
}

void worker_state::join_job() {
  if (model_copy)
    return;
  model_copy.emplace(setup->ranges, setup->wire.commit);
  base_versions.resize(setup->ranges.size());
  self->request(setup->scheduler, defaults::join_timeout,
                join{setup->name, model_copy->parameters().size()}, worker_actor{self})
      .then([this](const welcome& answer) { take_part(answer); },
            [this](caf::error& why) { self->quit(std::move(why)); });
}

void worker_state::take_part(const welcome& x) {
  id = x.worker;
  instruct(x.instruction); // says which round the first parameters are of
  begin_exchange(sync::action::pull);
}

void worker_state::decide() {
  if (going) {
    commit_and_leave();
    return;
  }
  if ((generation < wanted_generation || update_void) && !exchanging_now) {
    recover();
    return;
  }
  auto what = setup->policy->next(now());
  if (what == sync::action::commit && !make_updates()) {
    void_update();
    return;
  }
  if (what == sync::action::commit && setup->policy->trains_during_commit()) {
    begin_exchange(what);
    what = setup->policy->next(now());
  }
  switch (what) {
  case sync::action::step:
    begin_step();
    return;
  case sync::action::commit:
  case sync::action::pull:
    enter(activity::communicating);
    begin_exchange(what);
    return;
  case sync::action::wait:
    // Before the first permission the job has not started: nobody waits for anybody yet.
    enter(progress.steps == 0 ? activity::starting : activity::waiting);
    blocked = true;
    return;
  }
}

void worker_state::recover() {
  if (std::exchange(update_void, false) && ++updates_void > max_void_updates) {
    self->quit(make_error(ec::not_finite, setup->name));
    return;
  }
  enter(activity::communicating);
  recovering = true;
  begin_exchange(sync::action::pull);
}

void worker_state::void_update() {
  if (!setup->recovers) {
    self->quit(make_error(ec::not_finite, setup->name));
    return;
  }
  update_void = true;
  report_progress();
  recover();
}

void worker_state::begin_step() {
  enter(activity::computing);
  if (std::exchange(stale_base, false))
    model_copy->rebase();
  const auto began = self->clock().now();
  auto& scratch = *setup->scratch;
  scratch.gradient.resize(model_copy->parameters().size());
  learning::draw_samples(*setup->data, setup->batches.next(), setup->draws, scratch.batch);
  scratch.batch.draw = setup->draws();
  learning::augment(setup->images, setup->data->input, setup->draws, scratch.batch);
  progress.loss_sum +=
      scratch.model->loss_and_gradient(model_copy->parameters(), scratch.batch, scratch.gradient);
  setup->optimizer.step(model_copy->parameters(), scratch.gradient);
  const auto duration = setup->machine.step_time(seconds_between(origin, began));
  if (duration > 0)
    self->scheduled_send(worker_actor{self}, began + to_duration(duration), step_atom::value);
  else
    self->send(worker_actor{self}, step_atom::value);
}

void worker_state::end_step() {
  if (doing != activity::computing)
    return;
  if (++progress.steps == 1 && setup->begun)
    setup->begun();
  setup->policy->stepped(now());
  decide();
}

void worker_state::report_progress() {
  self->request(setup->scheduler, defaults::report_timeout, current_report())
      .then([this](const sync::instruction& x) { instruct(x); },
            [this](caf::error& why) {
              if (why == caf::sec::request_timeout)
                report_progress();
              else
                self->quit(std::move(why));
            });
}

void worker_state::leave() {
  if (exchange > 0) // it has joined
    self->send(setup->scheduler, current_report());
  self->quit();
}

void worker_state::say_farewell() {
  going = true;
  if (exchange == 0 || (doing != activity::computing && !exchanging_now))
    commit_and_leave();
}

void worker_state::commit_and_leave() {
  if (exchanging_now) {
    enter(activity::communicating);
    return; // its end comes back here
  }
  if (progress.steps == steps_sent || !make_updates()) {
    leave();
    return;
  }
  enter(activity::communicating);
  begin_exchange(sync::action::commit);
}

report worker_state::current_report() {
  book();
  return {id, progress};
}

void worker_state::instruct(const sync::instruction& x) {
  setup->policy->instruct(x, now());
  wanted_generation = std::max(wanted_generation, x.generation);
  // The first pull may still be under way when training starts: from then on it counts.
  if (doing == activity::starting && !blocked && x.permitted_commits > 0)
    enter(activity::communicating);
  if (std::exchange(blocked, false))
    decide();
}

sync::seconds worker_state::now() const {
  return seconds_between(origin, self->clock().now());
}

void worker_state::enter(activity next) {
  book();
  doing = next;
}

void worker_state::book() {
  const auto time = now();
  const auto spent = time - std::exchange(doing_since, time);
  if (doing == activity::computing)
    progress.compute += spent;
  else if (doing == activity::communicating)
    progress.communicate += spent;
  else if (doing == activity::waiting)
    progress.wait += spent;
}

worker_actor::behavior_type worker(worker_actor::stateful_pointer<worker_state> self,
                                   std::shared_ptr<worker_setup> setup) {
  self->set_down_handler([self](const caf::down_msg& x) { self->quit(x.reason); });
  self->state.start(std::move(setup));
  return {
      [self](join_atom) { self->state.join_job(); },
      [self](leave_atom) { self->state.leave(); },
      [self](farewell_atom) { self->state.say_farewell(); },
      [self](const sync::instruction& x) { self->state.instruct(x); },
      [self](step_atom) { self->state.end_step(); },
      [self](arrive_atom, std::uint64_t exchange) { self->state.arrive(exchange); },
      [self](report_atom) { return self->state.current_report(); },
      [self](stop_atom) {
        self->quit();
        return self->state.current_report();
      },
  };
}

} // namespace adsp
