// Owning handles for OpenSSL's objects, and its failures as exceptions.
#pragma once

#include <memory>
#include <openssl/types.h>

namespace adsp::security {

struct free_handle {
  void operator()(X509* x) const noexcept;
  void operator()(X509_STORE* x) const noexcept;
  void operator()(EVP_PKEY* x) const noexcept;
  void operator()(EVP_MD_CTX* x) const noexcept;
  void operator()(BIO* x) const noexcept;
};

using certificate_handle = std::unique_ptr<X509, free_handle>;
using store_handle = std::unique_ptr<X509_STORE, free_handle>;
using key_handle = std::unique_ptr<EVP_PKEY, free_handle>;
using digest_handle = std::unique_ptr<EVP_MD_CTX, free_handle>;

/// Throws std::runtime_error with OpenSSL's last error: for calls that fail only for lack of memory
/// or randomness.
[[noreturn]] void fail_in_openssl();

/// For OpenSSL functions that return 1, or a positive size, on success.
inline void check_done(int result) {
  if (result <= 0)
    fail_in_openssl();
}

template <class T>
T* not_null(T* value) {
  if (value == nullptr)
    fail_in_openssl();
  return value;
}

} // namespace adsp::security
