// The keys of [evaluation].
#include "apps/config/key_forms.hpp"
#include "apps/config/tables.hpp"

namespace adsp::apps {

config_table evaluation_table() {
  using namespace keys;
  using target = sync::stop_options;
  std::vector<key<evaluation_options>> all{
      duration("interval", &evaluation_options::interval, period,
               "Time between two evaluations on the test data."),
  };
  const std::vector<key<target>> targets{
      number("target_loss", &target::target_loss, any,
             "The job ends when the mean of `window` losses is at or below it; 0: no target."),
      number("target_accuracy", &target::target_accuracy, {0, 1},
             "The job ends when the mean of `window` accuracies is at or above it; 0: no target."),
      whole("window", &target::window, {1, 1e6},
            "Consecutive evaluations whose mean is compared with a target."),
  };
  for (auto& each : within<evaluation_options>(
           [](auto& options) -> auto& { return options; }, targets))
    all.push_back(std::move(each));
  return {"evaluation", "How often the model is evaluated, and the target it has to reach.",
          within<job>(
              [](auto& plan) -> auto& { return plan.evaluation; }, all)};
}

} // namespace adsp::apps
