// `adsp certs`: the certificates with which the nodes of a cluster know each other.
#include "apps/cli/commands.hpp"
#include "apps/cli/lines.hpp"

#include "security/certificate_folder.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>

namespace adsp::apps {

namespace {

void print_made(const security::certificate_order& order,
                const security::issued_certificates& made) {
  const auto authority = order.folder / "ca.pem";
  if (made.new_authority)
    fmt::print("made {} and {}, the cluster's authority\n", authority.string(),
               (order.folder / "ca.key").string());
  for (const auto& node : made.nodes) {
    const auto certificate = security::certificate_path(order.folder, node.name).string();
    const auto key = security::key_path(order.folder, node.name).string();
    if (order.renew)
      fmt::print("renewed {}, valid until {}\n", certificate, node.last_day);
    else
      fmt::print("made {} and {}, valid until {}\n", certificate, key, node.last_day);
  }
  fmt::print("\nCopy to the machine of each node:\n");
  for (const auto& node : made.nodes) {
    const auto certificate = security::certificate_path(order.folder, node.name).string();
    if (order.renew)
      fmt::print("  {}: {}\n", node.name, certificate);
    else
      fmt::print("  {}: {} {} {}\n", node.name, authority.string(), certificate,
                 security::key_path(order.folder, node.name).string());
  }
  fmt::print("Keep {} here: whoever has it can make nodes.\n", (order.folder / "ca.key").string());
}

} // namespace

int certs_command(const certs_arguments& arguments) {
  const security::certificate_order order{arguments.directory, arguments.nodes, arguments.days,
                                          arguments.renew};
  security::issued_certificates made;
  try {
    made = security::issue_certificates(order, std::chrono::system_clock::now());
  } catch (const security::security_error& error) {
    log_line(error.what());
    return bad_input;
  } catch (const std::exception& error) {
    log_line(error.what());
    return failed;
  }
  print_made(order, made);
  return success;
}

} // namespace adsp::apps
