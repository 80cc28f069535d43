// The keys of [job].
#include "apps/config/config_parts.hpp"
#include "apps/config/key_forms.hpp"
#include "apps/config/tables.hpp"

#include <fmt/format.h>

namespace adsp::apps {

namespace {

std::string wrong_job_name(const job& plan) {
  if (is_plain_name(plan.name) && plan.name.front() != '.')
    return "";
  return fmt::format("found \"{}\", expected letters, digits, '.', '_' or '-': it names a folder",
                     plan.name);
}

} // namespace

config_table job_table() {
  using namespace keys;
  return {
      "job",
      "What is trained, and when it ends.",
      {
          text("name", &job::name, "Names the folder of the run: runs/NAME/NUMBER.")
              .checked(wrong_job_name),
          whole("seed", &job::seed, exact_count, "Every random draw comes from it."),
          duration("max_time", &job::max_time, time_span, "Training ends after it; 0: no limit."),
          whole("max_steps", &job::max_steps, exact_count,
                "Training ends after so many steps of all workers together, and about one more "
                "of each; 0: no limit."),
      }};
}

} // namespace adsp::apps
