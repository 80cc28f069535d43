#include "actors/worker/worker.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"

#include <utility>

namespace adsp {

worker_state::worker_state(worker_actor::pointer selfptr) : self{selfptr} {}

void worker_state::start(const std::shared_ptr<worker_setup>& from) {
  setup.emplace(std::move(*from));
  origin = self->clock().now();
  if (setup->machine.has_link() || setup->link)
    links.emplace(static_cast<bool>(setup->link));
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
  current.emplace(*model_copy, exchange_rules{.attempts = defaults::shard_attempts,
                                              .fp16_pull = setup->wire.fp16_pull,
                                              .recovers = setup->recovers});
  self->request(setup->scheduler, defaults::join_timeout,
                join{setup->name, model_copy->parameters().size()}, worker_actor{self})
      .then([this](const welcome& answer) { take_part(answer); },
            [this](caf::error& why) { self->quit(std::move(why)); });
}

void worker_state::take_part(const welcome& answer) {
  current->join(answer.worker);
  instruct(answer.instruction); // determines the round of the first parameters
  begin_pull();
}

void worker_state::decide() {
  if (leaving) {
    commit_and_leave();
    return;
  }
  if (current->must_recover()) {
    begin_recovery();
    return;
  }
  switch (setup->policy->next(now())) {
  case sync::action::step:
    begin_step();
    return;
  case sync::action::commit:
    begin_commit();
    return;
  case sync::action::pull:
    enter(activity::communicating);
    begin_pull();
    return;
  case sync::action::wait:
    // Before the first permission the job has not started, so this is not waiting for others.
    enter(progress.steps == 0 ? activity::ready : activity::waiting);
    return;
  }
}

void worker_state::begin_step() {
  enter(activity::computing);
  current->prepare_step();
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
      .then([this](const sync::instruction& latest) { instruct(latest); },
            [this](caf::error& why) {
              if (why == caf::sec::request_timeout)
                report_progress();
              else
                self->quit(std::move(why));
            });
}

void worker_state::leave() {
  if (takes_part())
    self->send(setup->scheduler, current_report());
  self->quit();
}

void worker_state::asked_to_leave() {
  leaving = true;
  if (takes_part() && current->commits() && setup->policy->held_at_most() > 0)
    hurry_commit();
  if (!takes_part() || (doing != activity::computing && !current->under_way()))
    commit_and_leave();
}

void worker_state::commit_and_leave() {
  if (!takes_part()) {
    leave();
    return;
  }
  if (current->under_way()) {
    enter(activity::communicating);
    return; // called again when the exchange ends
  }
  const bool nothing_to_commit =
      progress.steps == current->steps_committed() || current->must_recover();
  if (nothing_to_commit || !make_commit()) {
    leave();
    return;
  }
  enter(activity::communicating);
  send_commit();
}

report worker_state::current_report() {
  book();
  progress.bytes = current ? current->bytes() : 0;
  return {.worker = current ? current->worker() : 0, .progress = progress};
}

void worker_state::instruct(const sync::instruction& latest) {
  setup->policy->instruct(latest, now());
  if (current)
    current->expect(latest.generation);
  if (doing == activity::ready || doing == activity::waiting)
    decide();
  else if (doing == activity::starting && latest.permitted_commits > 0)
    enter(activity::communicating); // the pull under way blocks training, so its time counts
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
                                   const std::shared_ptr<worker_setup>& setup) {
  self->set_down_handler([self](const caf::down_msg& down) { self->quit(down.reason); });
  self->state.start(setup);
  // CAF tries them in this order: first what comes once a step.
  return {
      [self](step_atom) { self->state.end_step(); },
      [self](join_atom) { self->state.join_job(); },
      [self](leave_atom) { self->state.leave(); },
      [self](farewell_atom) { self->state.asked_to_leave(); },
      [self](const sync::instruction& latest) { self->state.instruct(latest); },
      [self](arrive_atom, std::uint64_t exchange) { self->state.arrive(exchange); },
      [self](report_atom) { return self->state.current_report(); },
      [self](stop_atom) {
        self->quit();
        return self->state.current_report();
      },
  };
}

} // namespace adsp
