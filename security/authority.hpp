// The cluster's certificate authority, as everybody in the cluster knows it: says who is whom.
#pragma once

#include "security/error.hpp"
#include "security/handles.hpp"
#include "security/proof.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace adsp::security {

/// Movable, not copyable; the const members may be called from several threads.
class authority {
public:
  using time_point = std::chrono::system_clock::time_point;

  /// `certificate`: of the authority itself (ca.pem). Throws security_error: the file is missing,
  /// not PEM, or not a certificate that an authority has issued to itself.
  static authority load(const std::filesystem::path& certificate);

  /// Why a certificate does not stand for `claimed_name` at the time `now`, in one line without a
  /// name of a file; nothing when it does. Takes what strangers send: at most `max_pem_size` bytes
  /// are parsed, one certificate, issued by this authority itself.
  std::optional<std::string> check_certificate(std::string_view certificate_pem,
                                               std::string_view claimed_name, time_point now) const;

  /// The same, and whether the certificate's key has signed the challenge in this context
  /// (`identity::sign`). Throws std::runtime_error when OpenSSL is out of memory, nothing else.
  std::optional<std::string> check(std::string_view certificate_pem, std::string_view claimed_name,
                                   std::string_view context, const challenge& x,
                                   std::span<const std::uint8_t> signature, time_point now) const;

private:
  explicit authority(store_handle trusted);

  store_handle trusted_;
};

} // namespace adsp::security
