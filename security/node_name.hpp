// The names of nodes. They appear in certificates and file names, and come from untrusted peers.
#pragma once

#include <string>
#include <string_view>

namespace adsp::security {

/// Whether `text` is 1 to 63 letters, digits, '.', '_' or '-' (ASCII), not beginning with '-' or
/// '.'.
bool is_node_name(std::string_view text);

/// The rule of `is_node_name`, for messages.
inline constexpr std::string_view node_name_rule =
    "1 to 63 letters, digits, '.', '_' or '-', the first neither '-' nor '.'";

/// Whether `text` is not empty and has only characters of names, and '*' for any number of
/// characters.
bool is_name_pattern(std::string_view text);

/// Foreign text made safe for a log line: at most 64 characters; quotation marks, backslashes and
/// everything except printable ASCII are escaped as "\x0a".
std::string printable(std::string_view word);

} // namespace adsp::security
