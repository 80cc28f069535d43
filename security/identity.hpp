// A node's own certificate and private key: who it is, and how it proves that to others.
#pragma once

#include "security/error.hpp"
#include "security/handles.hpp"
#include "security/proof.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace adsp::security {

/// Movable, not copyable; the const members may be called from several threads.
class identity {
public:
  /// Throws security_error: a file is missing, is not what it must be, the key does not belong to
  /// the certificate, others may read the key. Whether an authority accepts it is
  /// `authority::check_certificate`.
  static identity load(const std::filesystem::path& certificate, const std::filesystem::path& key);

  /// The node's name, see `node_name_of`.
  const std::string& name() const { return name_; }

  /// The certificate alone, whatever else the file held.
  const std::string& certificate_pem() const { return certificate_pem_; }

  /// Signs `challenge` for this node and `context`, which says what is being joined (job, session,
  /// who asks): DER of an ECDSA signature with SHA-256, at most 72 bytes. Throws
  /// std::runtime_error.
  octets sign(const challenge& x, std::string_view context) const;

private:
  identity(std::string name, std::string certificate_pem, key_handle key);

  std::string name_;
  std::string certificate_pem_;
  key_handle key_;
};

} // namespace adsp::security
