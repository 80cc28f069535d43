// Text that is several, with a character between them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace adsp::apps {

/// The parts of `text` between one `at` and the next; those that are empty, too.
std::vector<std::string> split(std::string_view text, char at);

} // namespace adsp::apps
