// What is said on standard error. No job ends because nobody can be told how it goes: where a line
// cannot be written it is lost.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace adsp::apps {

/// Writes `text` to `out` at once, as far as it can be written.
void write_text(std::FILE* out, const std::string& text) noexcept;

/// Prints the line "adsp: <text>" on standard error: an error, or an event of a node's log.
void log_line(std::string_view text);

} // namespace adsp::apps
