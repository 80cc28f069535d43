// The keys of [ps].
#include "apps/config/key_forms.hpp"
#include "apps/config/tables.hpp"

namespace adsp::apps {

config_table ps_table() {
  using namespace keys;
  using options = ps_options;
  const std::vector<key<options>> all{
      whole("shard_size", &options::shard_size, {1, static_cast<double>(parameter_block::max_size)},
            "Most parameters of a shard."),
      number(
          "learning_rate", &options::learning_rate, any,
          "Factor of every step of the server; 0: as the policy has it, 1 with rounds of ADSP and "
          "esync, with ringmaster and rennala, 0.7 with diloco, async_local_sgd, heloco and "
          "fedbuff, 0.01 with fedopt, else 1 / "
          "number of workers, with damped commits 8 times that, at most 1."),
      optional_number(
          "momentum", &options::momentum, {0, 1, false, true},
          "Decay of its velocity; with rounds of ADSP it grows up to this by Nesterov's "
          "schedule, 0, 1/4, 2/5, 1/2, ..., and is at most 1 - 1 / (M^2 - M) for M workers.",
          "0.9 with diloco, fedopt, async_local_sgd, heloco and fedbuff; with rounds of "
          "ADSP 0.9 less the momentum (adam: beta1) of [optimizer], at least 0; else 0"),
      bandwidth("bandwidth", &options::bandwidth,
                "Bandwidth of the server's link in each direction, shared by all workers; 0: "
                "unlimited."),
  };
  return {"ps", "The parameter server.",
          within<job>(
              [](auto& plan) -> auto& { return plan.ps; }, all)};
}

} // namespace adsp::apps
