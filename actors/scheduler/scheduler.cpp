#include "actors/scheduler/scheduler.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"
#include "actors/rights/peer.hpp"
#include "actors/rights/unexpected.hpp"

#include <caf/send.hpp>

#include <utility>

namespace adsp {

namespace {

/// A question for counts under way.
struct count_call {
  roll_call roll;
  std::function<void()> done;
};

/// Asks as many of the missing workers as may be asked now.
void continue_call(scheduler_state& state, const std::shared_ptr<count_call>& call) {
  while (const auto who = call->roll.next()) {
    const auto over = [&state, call, who = *who] {
      call->roll.strike_off(who);
      continue_call(state, call);
    };
    state.self->request(state.workers[*who].handle, defaults::sample_timeout, report_atom::value)
        .then(
            [&state, over, who = *who](const report& answer) {
              state.note(who, answer.progress);
              over();
            },
            [over](const caf::error&) { over(); });
  }
  if (call->roll.complete() && call->done)
    std::exchange(call->done, nullptr)();
}

} // namespace

scheduler_state::~scheduler_state() {
  // Nothing else ends the evaluator, and the actor system does not end before it.
  if (setup)
    caf::anon_send_exit(setup->evaluator, caf::exit_reason::user_shutdown);
}

void scheduler_state::init(std::shared_ptr<scheduler_setup> given) {
  setup = std::move(given);
  const auto& plan = setup->plan;
  policy = sync::make_scheduler_policy(plan.sync, members);
  start = muster{setup->start_with > 0 ? setup->start_with : plan.starting_count(),
                 plan.worker_count(), setup->open};
  times = timetable{plan.max_time, plan.max_steps, plan.sync.check_period};
  evaluations = appraisal{plan.evaluation, sync::rolls_back(plan.sync)};
  finish = ending{setup->shards.size(), sync::averages(plan.sync)};
  for (const auto& shard : setup->shards)
    self->monitor(shard);
  self->monitor(setup->evaluator);
}

// -- timers -------------------------------------------------------------------------------------

void scheduler_state::arm() {
  if (!training())
    return;
  if (const auto due = times.arm(policy->next_tick()))
    self->scheduled_send(scheduler_actor{self}, origin + to_duration(*due), check_atom::value);
}

void scheduler_state::check() {
  if (finish.begun()) {
    tell_awaited();
    return;
  }
  if (!training())
    return;
  const auto due = times.wake(now());
  if (!due)
    return;
  if (times.is_over(*due)) {
    end({end_reason::max_time});
    return;
  }
  if (*due >= policy->next_tick())
    tick_policy(*due);
  if (times.take_rows(*due))
    write_rows();
  if (*due >= times.steps.next())
    count_steps();
  arm();
}

void scheduler_state::ask_for_counts(std::function<void()> done) {
  continue_call(*this, std::make_shared<count_call>(
                           count_call{roll_call{members.ids_present()}, std::move(done)}));
}

void scheduler_state::count_steps() {
  times.steps.asked();
  ask_for_counts([this] {
    if (!training())
      return;
    const auto steps = members.total().steps;
    if (times.steps.reached(steps, members.present_count())) {
      end({end_reason::max_steps});
      return;
    }
    times.steps.counted(steps, members.present_count(), now());
    arm();
  });
}

void scheduler_state::write_rows() {
  if (!rows.begin())
    return;
  ask_for_counts([this, asked_at = now(), shown = policy->status(now()),
                  commits = policy->commits_asked(now())] {
    for (auto& row : rows.finish(members, asked_at, shown, commits))
      self->send(setup->recorder, std::move(row));
  });
}

// -- what is shown --------------------------------------------------------------------------------

job_status scheduler_state::status() const {
  job_status x;
  x.seconds = finish.begun() ? result->duration : time();
  const auto shown = policy->status(x.seconds);
  x.last = evaluations.last();
  x.evaluations = evaluations.count();
  x.total = members.total();
  x.workers = static_cast<std::uint32_t>(members.present_count());
  x.commit_rate = shown.commit_rate;
  x.searching = shown.searching;
  x.ended = finish.begun();
  return x;
}

sync::seconds scheduler_state::now() const {
  return seconds_between(origin, self->clock().now());
}

scheduler_actor::behavior_type scheduler(scheduler_actor::stateful_pointer<scheduler_state> self,
                                         std::shared_ptr<scheduler_setup> setup) {
  self->set_down_handler([self](const caf::down_msg& x) { self->state.actor_ended(x); });
  refuse_unexpected(self, setup->rights);
  const auto ordered = [self](const char* what) {
    return is_ordered(self, self->state.setup->rights.get(), what);
  };
  self->state.init(std::move(setup));
  return {
      [self](const join& x, const worker_actor& handle) {
        return self->state.welcome_worker(x, handle);
      },
      [self](const report& x) { return self->state.take_report(x); },
      [self](check_atom) { self->state.check(); },
      [self](evaluate_atom) { self->state.evaluate(); },
      [self](status_atom) { return self->state.status(); },
      [self](result_atom) { return self->state.answer_result(); },
      [self, ordered](lost_atom, const caf::node_id& peer) {
        if (ordered("an unauthorised report of a lost peer"))
          self->state.peer_lost(peer);
      },
      [self, ordered](stop_atom) {
        if (ordered("an order to stop"))
          self->state.end({end_reason::interrupted});
      },
      [self, ordered](stop_atom, const std::string& why) {
        if (ordered("an order to stop"))
          self->state.end({end_reason::interrupted, why});
      },
  };
}

} // namespace adsp
