// The keys of [ps].
#include "apps/config/key_forms.hpp"
#include "apps/config/tables.hpp"

namespace adsp::apps {

config_table ps_table() {
  using namespace keys;
  using options = ps_options;
  const std::vector<key<options>> all{
      whole("shard_size", &options::shard_size, {1, static_cast<double>(parameter_block::max_size)},
            "Parameters of a shard at most."),
      number("learning_rate", &options::learning_rate, any,
             "Factor of every commit; 0: 1 / number of workers, or 8 times that where commits are "
             "damped, at most 1."),
      number("momentum", &options::momentum, {0, 1, false, true}, "Of the server's velocity."),
      bandwidth("bandwidth", &options::bandwidth,
                "Of the server's link, shared by all workers, in each direction; 0: unlimited."),
  };
  return {"ps", "The parameter server.",
          within<job>(
              [](auto& plan) -> auto& { return plan.ps; }, all)};
}

} // namespace adsp::apps
