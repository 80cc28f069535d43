// The public side of the cluster's certificate authority: verifies which node a certificate belongs
// to.
#pragma once

#include "security/error.hpp"
#include "security/handles.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace adsp::security {

/// Movable, not copyable; the const members may be called from several threads.
class authority {
public:
  using time_point = std::chrono::system_clock::time_point;

  /// `certificate`: of the authority itself (ca.pem). Throws security_error if the file is missing,
  /// not PEM, or not an authority's self-signed certificate.
  static authority load(const std::filesystem::path& certificate);

  /// The node that a certificate identifies at the time `now`. It must be issued by this authority
  /// itself, with the only kind of key in use. Otherwise throws a security_error with the reason,
  /// in one line without a file name.
  std::string node_of(X509& certificate, time_point now) const;

  /// Why a certificate in PEM does not identify `claimed_name` at the time `now`; nothing if it
  /// does. Parses at most `max_pem_size` bytes.
  std::optional<std::string> check_certificate(std::string_view certificate_pem,
                                               std::string_view claimed_name, time_point now) const;

private:
  explicit authority(store_handle trusted);

  store_handle trusted_;
};

} // namespace adsp::security
