#include "security/certificate_folder.hpp"

#include "security/files.hpp"
#include "security/node_name.hpp"

#include <algorithm>
#include <system_error>

namespace adsp::security {

namespace fs = std::filesystem;

namespace {

constexpr const char* authority_file = "ca";

/// Whether the path exists, even as a dangling link.
bool is_there(const fs::path& file) {
  std::error_code trouble;
  const auto type = fs::symlink_status(file, trouble).type();
  if (type == fs::file_type::none)
    throw std::runtime_error{file.string() + ": cannot be found: " + trouble.message()};
  return type != fs::file_type::not_found;
}

void check_names(const std::vector<std::string>& nodes) {
  for (auto x = nodes.begin(); x != nodes.end(); ++x) {
    if (!is_node_name(*x))
      throw security_error{"node '" + *x + "': expected a name of " + std::string{node_name_rule}};
    if (*x == authority_file)
      throw security_error{"node 'ca': this name is the authority's; give the node another"};
    if (std::find(nodes.begin(), x, *x) != x)
      throw security_error{"node '" + *x + "': is named twice"};
  }
}

void check_files(const certificate_order& order) {
  for (const auto& node : order.nodes) {
    const auto certificate = certificate_path(order.folder, node);
    if (order.renew && !is_there(certificate))
      throw security_error{certificate.string() +
                           ": does not exist; without --renew the node gets its first certificate"};
    if (order.renew)
      continue;
    if (is_there(certificate))
      throw security_error{certificate.string() +
                           ": exists already; --renew makes a new certificate for its key"};
    if (is_there(key_path(order.folder, node)))
      throw security_error{key_path(order.folder, node).string() +
                           ": exists already, without a certificate; remove it to start anew"};
  }
}

/// Both files or none.
void create_pair(const fs::path& certificate, const fs::path& key, const credentials& mine) {
  create_file(key, mine.key, readable_by::owner);
  try {
    create_file(certificate, mine.certificate, readable_by::everybody);
  } catch (...) {
    std::error_code none;
    fs::remove(key, none);
    throw;
  }
}

/// Whether the authority exists. Throws if only one of its two files does.
bool has_authority(const fs::path& folder) {
  const auto certificate = certificate_path(folder, authority_file);
  const auto key = key_path(folder, authority_file);
  if (is_there(certificate) == is_there(key))
    return is_there(key);
  const auto& missing = is_there(key) ? certificate : key;
  throw security_error{missing.string() +
                       ": is missing; copy it back from where the authority was made, or choose "
                       "another folder for a new one"};
}

issuer issuer_from(const fs::path& folder, const credentials& mine) {
  try {
    return issuer{mine};
  } catch (const security_error& error) {
    throw security_error{folder.string() + ": " + error.what()};
  }
}

/// The node's certificate, and its key if that is new.
credentials certify(const issuer& by, const certificate_order& order, const std::string& node,
                    const validity& dates) {
  const auto file = certificate_path(order.folder, node);
  const auto old = order.renew ? read_certificate_file(file) : std::string{};
  try {
    return order.renew ? credentials{by.issue_again(node, old, dates), {}} : by.issue(node, dates);
  } catch (const security_error& error) {
    throw security_error{file.string() + ": " + error.what()};
  }
}

void make_folder(const fs::path& file) {
  std::error_code trouble;
  fs::create_directories(file, trouble);
  if (trouble)
    throw std::runtime_error{file.string() + ": cannot be made: " + trouble.message()};
}

} // namespace

fs::path certificate_path(const fs::path& folder, const std::string& node) {
  return folder / (node + ".pem");
}

fs::path key_path(const fs::path& folder, const std::string& node) {
  return folder / (node + ".key");
}

issued_certificates issue_certificates(const certificate_order& order,
                                       std::chrono::system_clock::time_point now) {
  check_names(order.nodes);
  check_files(order);
  issued_certificates result;
  result.new_authority = !has_authority(order.folder);
  const auto own_certificate = certificate_path(order.folder, authority_file);
  const auto own_key = key_path(order.folder, authority_file);
  const auto own = result.new_authority ? make_authority(valid_for(now, authority_days))
                                        : credentials{read_certificate_file(own_certificate),
                                                      read_key_file(own_key)};
  const auto by = issuer_from(order.folder, own);
  std::vector<credentials> made;
  for (const auto& node : order.nodes)
    made.push_back(certify(by, order, node, valid_for(now, order.days)));

  make_folder(order.folder);
  if (result.new_authority)
    create_pair(own_certificate, own_key, own);
  for (std::size_t i = 0; i < made.size(); ++i) {
    const auto file = certificate_path(order.folder, order.nodes[i]);
    if (order.renew)
      replace_file(file, made[i].certificate);
    else
      create_pair(file, key_path(order.folder, order.nodes[i]), made[i]);
    result.nodes.push_back({order.nodes[i], last_day_of(made[i].certificate)});
  }
  return result;
}

} // namespace adsp::security
