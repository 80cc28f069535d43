#include "security/handles.hpp"

#include <array>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdexcept>
#include <string>

namespace adsp::security {

void free_handle::operator()(X509* x) const noexcept {
  X509_free(x);
}

void free_handle::operator()(X509_STORE* x) const noexcept {
  X509_STORE_free(x);
}

void free_handle::operator()(EVP_PKEY* x) const noexcept {
  EVP_PKEY_free(x);
}

void free_handle::operator()(EVP_MD_CTX* x) const noexcept {
  EVP_MD_CTX_free(x);
}

void free_handle::operator()(BIO* x) const noexcept {
  BIO_free(x);
}

void fail_in_openssl() {
  std::array<char, 256> text{"no reason given"};
  if (const auto code = ERR_peek_last_error())
    ERR_error_string_n(code, text.data(), text.size());
  ERR_clear_error();
  throw std::runtime_error{std::string{"OpenSSL: "} + text.data()};
}

} // namespace adsp::security
