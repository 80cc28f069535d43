#include "transport/transport.hpp"

#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>

namespace adsp::transport {

void configure(caf::actor_system_config& config, const transport_options& x) {
  config.load<caf::io::middleman>();
  if (!x.secure)
    return;
  config.load<caf::openssl::manager>();
  config.openssl_certificate = x.certificate;
  config.openssl_key = x.key;
  config.openssl_cafile = x.authority;
}

} // namespace adsp::transport
