// What is said on standard error. No job ends because nobody can be told how it goes: where a line
// cannot be written it is lost.
#pragma once

#include <cstdio>
#include <string>

namespace adsp::apps {

/// Writes `text` to `out` at once, as far as it can be written.
void write_text(std::FILE* out, const std::string& text) noexcept;

/// Prints one line of a node's log on standard error.
void log_line(const std::string& text);

} // namespace adsp::apps
