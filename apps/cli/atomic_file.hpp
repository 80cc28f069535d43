// Whole files that are there completely or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace adsp::apps {

/// Writes under a temporary name beside `path`, syncs, renames, syncs the folder. Throws
/// std::runtime_error, and leaves an existing `path` as it was.
void write_atomically(const std::filesystem::path& path, std::string_view bytes);

/// "<path>: <what>: <the system's reason>", for the error just met (errno).
std::string system_error_text(const std::filesystem::path& path, std::string_view what);

} // namespace adsp::apps
