// What `adsp compare` compares: a policy with settings of its own, some of them to be chosen by
// trying.
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

  /// Whether it fixes `key` or chooses it itself.
  bool says(std::string_view key) const;

  /// One list of overrides for every combination of choices; a single one, empty, without choices.
  std::vector<std::vector<std::string>> combinations() const;
};

/// Reads "NAME[:KEY=VALUE[|VALUE...]]...": NAME is a policy, `adsp_paper` (ADSP as published) or
/// `adsp+` (as published, with the commit rate chosen by trying); a KEY without a dot is one of
/// [sync]. Nothing, and `error` says why, when it is something else.
std::optional<variant> parse_variant(std::string_view text, std::string& error);

/// Why a key must not differ between what is compared: it says what is learnt, on which machines, or
/// when it is reached, or it is the policy, which has a name already. Nothing when it may.
std::optional<std::string_view> why_not_its_own(std::string_view key);

/// Reads "KEY=VALUE|VALUE...", a KEY without a dot as one of [sync]. Nothing when it is something
/// else.
std::optional<choice> parse_choice(std::string_view text);

} // namespace adsp::apps
