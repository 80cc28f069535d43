// A node's own certificate and private key, which TLS uses.
#pragma once

#include "security/error.hpp"

#include <filesystem>
#include <string>

namespace adsp::security {

class identity {
public:
  /// Throws security_error if a file is missing or invalid, the key does not belong to the
  /// certificate, or others may read the key. `authority::check_certificate` tells whether an
  /// authority accepts it.
  static identity load(const std::filesystem::path& certificate, const std::filesystem::path& key);

  /// The node's name, see `node_name_of`.
  const std::string& name() const { return name_; }

  /// Only the certificate, whatever else the file contains.
  const std::string& certificate_pem() const { return certificate_pem_; }

private:
  identity(std::string name, std::string certificate_pem);

  std::string name_;
  std::string certificate_pem_;
};

} // namespace adsp::security
