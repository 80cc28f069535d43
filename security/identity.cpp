#include "security/identity.hpp"

#include "security/files.hpp"
#include "security/pem.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <utility>

namespace adsp::security {

identity::identity(std::string name, std::string certificate_pem)
    : name_{std::move(name)}, certificate_pem_{std::move(certificate_pem)} {}

identity identity::load(const std::filesystem::path& certificate,
                        const std::filesystem::path& key) {
  const auto certificate_text = read_certificate_file(certificate);
  const auto key_text = read_key_file(key);
  const auto* reading = &certificate;
  try {
    const auto own = certificate_from(certificate_text);
    auto name = node_name_of(*own);
    reading = &key;
    const auto own_key = private_key_from(key_text);
    check_kind(*own_key);
    if (X509_check_private_key(own.get(), own_key.get()) != 1) {
      ERR_clear_error();
      throw security_error{"is not the key of the certificate " + certificate.string() +
                           "; copy both files of one node"};
    }
    return {std::move(name), to_pem(*own)};
  } catch (const security_error& error) {
    throw security_error{reading->string() + ": " + error.what()};
  }
}

} // namespace adsp::security
