// Certificates and keys on disk: small files, the keys for their owner's eyes only.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace adsp::security {

/// A file's text. Throws security_error for what is no regular file, cannot be read or is longer
/// than `max_pem_size`.
std::string read_certificate_file(const std::filesystem::path& path);

/// The same for a private key, which nobody but its owner may read or write. Where the owner is
/// root its group may read it too: that is how service managers hand out secrets.
std::string read_key_file(const std::filesystem::path& path);

enum class readable_by {
  owner,    ///< mode 0600
  everybody ///< mode 0644, less the umask
};

/// Writes and syncs a file that must not exist. Throws security_error when it does,
/// std::runtime_error when it cannot be written, and leaves nothing behind then.
void create_file(const std::filesystem::path& path, std::string_view text, readable_by who);

/// Puts a new text, for everybody to read, in the place of a file in one step; throws as
/// `create_file`.
void replace_file(const std::filesystem::path& path, std::string_view text);

} // namespace adsp::security
