// A folder with an authority and its nodes: ca.pem, ca.key, and NODE.pem and NODE.key for each
// node.
#pragma once

#include "security/certificates.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace adsp::security {

inline constexpr int authority_days = 3650;
inline constexpr int default_node_days = 825;

struct certificate_order {
  std::filesystem::path folder;   ///< created if missing
  std::vector<std::string> nodes; ///< at least one; "ca" is reserved for the authority
  int days = default_node_days;   ///< validity of the nodes' certificates
  bool renew = false;             ///< new certificates for existing nodes, instead of new nodes
};

struct issued_node {
  std::string name;
  std::string last_day; ///< "2026-11-24"
};

struct issued_certificates {
  bool new_authority = false;
  std::vector<issued_node> nodes;
};

std::filesystem::path certificate_path(const std::filesystem::path& folder,
                                       const std::string& node);
std::filesystem::path key_path(const std::filesystem::path& folder, const std::string& node);

/// Makes the authority if there is none, and each node's two files; a renewed node keeps its key.
/// The whole order is checked before anything is written, and only certificates to renew are ever
/// overwritten. Throws security_error for an invalid name, a file that exists or, to renew, is
/// missing, and damaged files; std::runtime_error if a file cannot be written.
issued_certificates issue_certificates(const certificate_order& x,
                                       std::chrono::system_clock::time_point now);

} // namespace adsp::security
