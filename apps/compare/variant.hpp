// A variant in `adsp compare`: a policy with its own settings, some of which are chosen by trials.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adsp::apps {

/// A key with the values to try.
struct choice {
  std::string key;
  std::vector<std::string> values; ///< at least two
};

struct variant {
  std::string label;                  ///< as written on the command line
  std::string policy;                 ///< the policy's name in [sync]
  std::vector<std::string> overrides; ///< "key=value", fixed
  std::vector<choice> choices;
  bool ideal = false; ///< trained by the machine of `ideal_job` instead of the job's workers

  /// Whether the variant fixes `key` or chooses its value by trials.
  bool says(std::string_view key) const;

  /// One list of overrides for every combination of choices; a single one, empty, without choices.
  std::vector<std::vector<std::string>> combinations() const;
};

/// Reads "NAME[:KEY=VALUE[|VALUE...]]...": NAME is a policy, `adsp_paper` (ADSP as published),
/// `adsp+` (as published, with the commit rate chosen by trials) or `ideal` (`ideal_job`); a KEY
/// without a dot is a key of [sync]. If the text is invalid, returns nothing and sets `error`.
std::optional<variant> parse_variant(std::string_view text, std::string& error);

/// The reason why a key must not differ between variants: it defines the task, the machines or the
/// target, or it is the policy, which --policies names. Nothing if it may differ.
std::optional<std::string_view> why_not_its_own(std::string_view key);

/// Reads "KEY=VALUE|VALUE...", where a KEY without a dot is a key of [sync]. Nothing if the text is
/// invalid.
std::optional<choice> parse_choice(std::string_view text);

} // namespace adsp::apps
