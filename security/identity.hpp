// A node's own certificate and private key, as TLS shows them to others.
#pragma once

#include "security/error.hpp"

#include <filesystem>
#include <string>

namespace adsp::security {

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

private:
  identity(std::string name, std::string certificate_pem);

  std::string name_;
  std::string certificate_pem_;
};

} // namespace adsp::security
