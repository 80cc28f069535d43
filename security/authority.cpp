#include "security/authority.hpp"

#include "security/files.hpp"
#include "security/node_name.hpp"
#include "security/pem.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <utility>

namespace adsp::security {

namespace {

struct free_chain {
  void operator()(X509_STORE_CTX* x) const noexcept { X509_STORE_CTX_free(x); }
};

/// The result of X509_verify_cert, for the user.
std::string verdict(const X509_STORE_CTX& chain, authority::time_point now) {
  const auto code = X509_STORE_CTX_get_error(&chain);
  const auto* at = X509_STORE_CTX_get_current_cert(&chain);
  const std::string subject = X509_STORE_CTX_get_error_depth(&chain) > 0
                                  ? "the authority's certificate "
                                  : "the certificate ";
  const auto clock = "; the clock here says " + date_of(now);
  switch (code) {
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return subject + "has expired on " + date_of(*X509_get0_notAfter(at)) + clock;
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return subject + "is not valid before " + date_of(*X509_get0_notBefore(at)) + clock;
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    return "the certificate was not issued by this cluster's authority (ca.pem)";
  default:
    return subject + "is refused: " + X509_verify_cert_error_string(code);
  }
}

/// Throws security_error.
void check_chain(X509& certificate, X509_STORE& trusted, authority::time_point now) {
  const std::unique_ptr<X509_STORE_CTX, free_chain> chain{not_null(X509_STORE_CTX_new())};
  check_done(X509_STORE_CTX_init(chain.get(), &trusted, &certificate, nullptr));
  auto* rules = X509_STORE_CTX_get0_param(chain.get());
  check_done(X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT));
  X509_VERIFY_PARAM_set_depth(rules, 0);
  X509_VERIFY_PARAM_set_auth_level(rules, 2); // at least 112 bits, as TLS requires by default
  X509_VERIFY_PARAM_set_time(rules, std::chrono::system_clock::to_time_t(now));
  const auto valid = X509_verify_cert(chain.get());
  ERR_clear_error();
  if (valid != 1)
    throw security_error{verdict(*chain, now)};
}

/// Calls `f`; its errors get "the certificate" as their subject.
template <class F>
auto of_certificate(F f) {
  try {
    return f();
  } catch (const security_error& error) {
    throw security_error{std::string{"the certificate "} + error.what()};
  }
}

} // namespace

authority::authority(store_handle trusted) : trusted_{std::move(trusted)} {}

authority authority::load(const std::filesystem::path& certificate) {
  const auto text = read_certificate_file(certificate);
  try {
    const auto x = certificate_from(text);
    if (X509_check_ca(x.get()) != 1 || (X509_get_extension_flags(x.get()) & EXFLAG_SS) == 0)
      throw security_error{
          "is not an authority's certificate, issued to itself; expected the ca.pem "
          "that adsp certs made"};
    store_handle trusted{not_null(X509_STORE_new())};
    check_done(X509_STORE_add_cert(trusted.get(), x.get()));
    return authority{std::move(trusted)};
  } catch (const security_error& error) {
    throw security_error{certificate.string() + ": " + error.what()};
  }
}

std::string authority::node_of(X509& certificate, time_point now) const {
  of_certificate([&] { check_kind(*not_null(X509_get0_pubkey(&certificate))); });
  check_chain(certificate, *trusted_, now);
  return of_certificate([&] { return node_name_of(certificate); });
}

std::optional<std::string> authority::check_certificate(std::string_view certificate_pem,
                                                        std::string_view claimed_name,
                                                        time_point now) const try {
  if (!is_node_name(claimed_name))
    return "the claimed name is not a node name, expected " + std::string{node_name_rule};
  const auto certificate = of_certificate([&] { return certificate_from(certificate_pem); });
  if (const auto name = node_of(*certificate, now); name != claimed_name)
    return "the certificate is of the node " + name + ", not of " + std::string{claimed_name};
  return std::nullopt;
} catch (const security_error& error) {
  return error.what();
}

} // namespace adsp::security
