// A small certificate authority: a certificate for itself and one for each node. Keys are ECDSA on
// P-256, serial numbers 128 random bits.
#pragma once

#include "security/error.hpp"
#include "security/handles.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace adsp::security {

/// The dates of a certificate, in whole seconds.
struct validity {
  std::chrono::system_clock::time_point not_before;
  std::chrono::system_clock::time_point not_after;
};

/// From an hour ago, for nodes whose clocks are slow, until `days` from now.
validity valid_for(std::chrono::system_clock::time_point now, int days);

/// A certificate and its private key (PKCS #8), both PEM.
struct credentials {
  std::string certificate;
  std::string key;
};

/// A new authority, which may issue to nodes but not make other authorities.
credentials make_authority(const validity& rule);

/// Signs certificates with its own certificate and key; they are trusted if these are an
/// authority's.
class issuer {
public:
  /// Throws security_error if `mine` is damaged or its parts do not belong together.
  explicit issuer(const credentials& mine);

  /// A new key and its certificate, with `node` as common name and DNS name, for either end of a
  /// TLS connection; valid no longer than the issuer's own. Throws security_error if `node` is not
  /// a node name or the issuer's certificate ends before `rule` begins.
  credentials issue(const std::string& node, const validity& rule) const;

  /// A new certificate for the key of an earlier one. Throws like `issue`, and if `certificate` was
  /// not issued by this issuer for `node`.
  std::string issue_again(const std::string& node, std::string_view certificate,
                          const validity& rule) const;

private:
  certificate_handle issue_to(EVP_PKEY& key, const std::string& node, const validity& rule) const;

  certificate_handle certificate_;
  key_handle key_;
};

/// "2026-11-24" (UTC), the last day of a certificate in PEM.
std::string last_day_of(std::string_view certificate);

} // namespace adsp::security
