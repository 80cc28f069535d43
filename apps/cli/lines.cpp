#include "apps/cli/lines.hpp"

namespace adsp::apps {

void write_text(std::FILE* out, const std::string& text) noexcept {
  std::fputs(text.c_str(), out);
  std::fflush(out);
}

void log_line(std::string_view text) {
  write_text(stderr, "adsp: " + std::string{text} + '\n');
}

} // namespace adsp::apps
