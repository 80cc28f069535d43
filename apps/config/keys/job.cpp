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
  return {"job",
          "What is trained, and when it ends.",
          {
              text("name", &job::name, "Names the folder of the run: runs/NAME/NUMBER.")
                  .checked(wrong_job_name),
              whole("seed", &job::seed, exact_count, "Seeds every random draw."),
              duration("max_time", &job::max_time, time_span, "Time limit of training; 0: none."),
              whole("max_steps", &job::max_steps, exact_count,
                    "Training ends after this many steps of all workers together, plus about one "
                    "more of each; 0: no limit."),
          }};
}

} // namespace adsp::apps
