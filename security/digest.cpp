#include "security/digest.hpp"

#include "security/handles.hpp"

#include <openssl/evp.h>

namespace adsp::security {

digest sha256(std::string_view text) {
  digest x;
  check_done(EVP_Digest(text.data(), text.size(), x.data(), nullptr, EVP_sha256(), nullptr));
  return x;
}

} // namespace adsp::security
