// The cluster's certificate authority, as everybody in the cluster knows it: says who is whom.
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

  /// `certificate`: of the authority itself (ca.pem). Throws security_error: the file is missing,
  /// not PEM, or not a certificate that an authority has issued to itself.
  static authority load(const std::filesystem::path& certificate);

  /// The node that a certificate stands for at the time `now`: issued by this authority itself, with
  /// the one kind of key in use. Throws security_error, whose text is one line without a name of a
  /// file and says why it stands for none.
  std::string node_of(X509& certificate, time_point now) const;

  /// Why a certificate in PEM does not stand for `claimed_name` at the time `now`; nothing when it
  /// does. At most `max_pem_size` bytes are parsed.
  std::optional<std::string> check_certificate(std::string_view certificate_pem,
                                               std::string_view claimed_name, time_point now) const;

private:
  explicit authority(store_handle trusted);

  store_handle trusted_;
};

} // namespace adsp::security
