#include "apps/config/key.hpp"

#include <fmt/format.h>

namespace adsp::apps {

std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += fmt::format("{}\"{}\"", i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i]);
  return text;
}

std::string describe(const key_text& key) {
  switch (key.kind) {
  case key_kind::whole:
    return describe(key.limits, "a whole number");
  case key_kind::number:
    return describe(key.limits, "a number");
  case key_kind::duration:
    return describe(key.limits, "seconds, or a time such as \"50ms\" or \"20min\",");
  case key_kind::bandwidth:
    return "bits a second, or a bandwidth such as \"20Mbit\"";
  case key_kind::text:
    return "text";
  case key_kind::word:
    return alternatives(key.words);
  case key_kind::flag:
    return "true or false";
  case key_kind::whole_list:
    return describe(key.limits, "a list of whole numbers, each");
  case key_kind::number_list:
    return describe(key.limits, "a list of numbers, each");
  case key_kind::text_list:
    return "a list of texts";
  case key_kind::tables:
    return "a list of tables";
  case key_kind::other:
    break;
  }
  return key.looks;
}

std::string unquoted(const std::string& toml) {
  const bool quoted = toml.size() >= 2 && toml.front() == '"' && toml.back() == '"';
  return quoted ? toml.substr(1, toml.size() - 2) : toml;
}

} // namespace adsp::apps
