// Certificates and keys on disk: small files; keys are readable only by their owner.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace adsp::security {

/// A file's text. Throws security_error if it is not a regular file, cannot be read or is longer
/// than `max_pem_size`.
std::string read_certificate_file(const std::filesystem::path& path);

/// The same for a private key, which only its owner may read or write. If the owner is root, its
/// group may read it, too, because service managers provide secrets that way.
std::string read_key_file(const std::filesystem::path& path);

enum class readable_by {
  owner,    ///< mode 0600
  everybody ///< mode 0644, less the umask
};

/// Writes and syncs a file that must not exist yet. Throws security_error if it exists,
/// std::runtime_error if it cannot be written, and then leaves nothing behind.
void create_file(const std::filesystem::path& path, std::string_view text, readable_by who);

/// Atomically replaces a file by a new text that everybody may read; throws like `create_file`.
void replace_file(const std::filesystem::path& path, std::string_view text);

} // namespace adsp::security
