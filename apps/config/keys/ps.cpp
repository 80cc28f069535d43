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
      number("learning_rate", &options::learning_rate, any,
             "Factor of every step of the server; 0: 1 / number of workers; with damped commits 8 "
             "times that, at most 1; with rounds 1."),
      optional_number("momentum", &options::momentum, {0, 1, false, true}, "Decay of its velocity.",
                      "0.8 with sync.server_step = \"round\", else 0"),
      bandwidth("bandwidth", &options::bandwidth,
                "Bandwidth of the server's link in each direction, shared by all workers; 0: "
                "unlimited."),
  };
  return {"ps", "The parameter server.",
          within<job>(
              [](auto& plan) -> auto& { return plan.ps; }, all)};
}

} // namespace adsp::apps
