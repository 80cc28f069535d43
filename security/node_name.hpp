// The names of nodes: they stand in certificates, are file names and come from strangers.
#pragma once

#include <string>
#include <string_view>

namespace adsp::security {

/// Whether `text` is 1 to 63 letters, digits, '.', '_' or '-' (ASCII), the first neither '-' nor '.'.
bool is_node_name(std::string_view text);

/// For messages: what `is_node_name` asks for.
inline constexpr std::string_view node_name_rule =
    "1 to 63 letters, digits, '.', '_' or '-', the first neither '-' nor '.'";

/// Whether `text` is not empty and holds only what names hold, and '*' for any number of characters.
bool is_name_pattern(std::string_view text);

/// Foreign text, made safe for a line of a log: at most 64 characters; quotation marks, backslashes and
/// all but printable ASCII as "\x0a".
std::string printable(std::string_view word);

} // namespace adsp::security
