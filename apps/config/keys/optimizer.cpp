// The keys of [optimizer].
#include "apps/config/key_forms.hpp"
#include "apps/config/tables.hpp"

#include <fmt/format.h>

namespace adsp::apps {

namespace {

using optimizer = learning::optimizer_options;

std::string wrong_momentum(const optimizer& rule) {
  const bool needs_it = rule.kind == "momentum" || rule.kind == "nesterov";
  return needs_it && rule.momentum == 0
             ? fmt::format("optimizer.kind = \"{}\" needs it, for instance 0.9", rule.kind)
             : "";
}

std::string wrong_decay_every(const optimizer& rule) {
  const bool needs_it = rule.schedule == "step" || rule.schedule == "exponential";
  return needs_it && rule.decay_every == 0
             ? fmt::format("optimizer.schedule = \"{}\" needs the number of steps after which "
                           "learning_rate is multiplied by decay",
                           rule.schedule)
             : "";
}

std::string wrong_total_steps(const optimizer& rule) {
  return rule.schedule == "cosine" && rule.total_steps == 0
             ? "optimizer.schedule = \"cosine\" needs the number of a worker's steps at which the "
               "learning rate reaches floor"
             : "";
}

std::string wrong_floor(const optimizer& rule) {
  return learning::schedule_kind(rule) != "constant" && rule.floor > rule.learning_rate
             ? fmt::format("found {}, expected at most optimizer.learning_rate, {}", rule.floor,
                           rule.learning_rate)
             : "";
}

key<optimizer> kind_key() {
  auto x = keys::word("kind", &optimizer::kind, {"sgd", "momentum", "nesterov", "adam"},
                      "The update rule of a local step.")
               .left_out("\"momentum\" where momentum is above 0, else \"sgd\"");
  x.write = [](const optimizer& from) { return toml_text(learning::optimizer_kind(from)); };
  return x;
}

key<optimizer> schedule_key() {
  auto x =
      keys::word("schedule", &optimizer::schedule, {"constant", "step", "exponential", "cosine"},
                 "How learning_rate changes over a worker's steps.")
          .left_out("\"step\" where decay_every is above 0, else \"constant\"");
  x.write = [](const optimizer& from) { return toml_text(learning::schedule_kind(from)); };
  return x;
}

std::vector<key<optimizer>> optimizer_keys() {
  using namespace keys;
  return {
      kind_key(),
      number("learning_rate", &optimizer::learning_rate, positive, "Rate of a local step."),
      number("momentum", &optimizer::momentum, {0, 1, false, true}, "Decay of the velocity.")
          .decides("kind", {"momentum", "nesterov"})
          .checked(wrong_momentum),
      number("beta1", &optimizer::beta1, {0, 1, false, true}, "Decay of the mean of gradients.")
          .only_with("kind", {"adam"}),
      number("beta2", &optimizer::beta2, {0, 1, false, true}, "Decay of the mean of squares.")
          .only_with("kind", {"adam"}),
      number("epsilon", &optimizer::epsilon, {1e-30, 1}, "Added to the root of that mean.")
          .only_with("kind", {"adam"}), // a float holds it
      schedule_key(),
      number("decay", &optimizer::decay, {0, 1, true}, "learning_rate is multiplied by this ...")
          .only_with("schedule", {"step", "exponential"}),
      whole("decay_every", &optimizer::decay_every, exact_count,
            "... every this many local steps: all at once (\"step\"), or gradually at each step "
            "(\"exponential\").")
          .decides("schedule", {"step", "exponential"})
          .checked(wrong_decay_every),
      whole("total_steps", &optimizer::total_steps, exact_count,
            "The local step at which learning_rate reaches floor.")
          .only_with("schedule", {"cosine"})
          .checked(wrong_total_steps),
      number("floor", &optimizer::floor, any, "Lowest learning_rate of the schedule.")
          .only_with("schedule", {"step", "exponential", "cosine"})
          .checked(wrong_floor),
      whole("warmup_steps", &optimizer::warmup_steps, exact_count,
            "learning_rate rises linearly over this many first steps."),
      whole("batch_size", &optimizer::batch_size, {1, 1e6}, "Samples in a minibatch."),
  };
}

} // namespace

config_table optimizer_table() {
  return {"optimizer", "Every worker's local steps, see docs/optimizers.md.",
          within<job>(
              [](auto& plan) -> auto& { return plan.optimizer; }, optimizer_keys())};
}

} // namespace adsp::apps
