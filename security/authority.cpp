#include "security/authority.hpp"

#include "security/files.hpp"
#include "security/node_name.hpp"
#include "security/pem.hpp"

#include <cstddef>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <utility>

namespace adsp::security {

namespace {

/// Bytes of the longest signature with a P-256 key.
constexpr std::size_t max_signature_size = 72;

struct free_chain {
  void operator()(X509_STORE_CTX* x) const noexcept { X509_STORE_CTX_free(x); }
};

/// What X509_verify_cert has found, for a person.
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
void check_chain(X509& x, X509_STORE& trusted, authority::time_point now) {
  const std::unique_ptr<X509_STORE_CTX, free_chain> chain{not_null(X509_STORE_CTX_new())};
  check_done(X509_STORE_CTX_init(chain.get(), &trusted, &x, nullptr));
  auto* rules = X509_STORE_CTX_get0_param(chain.get());
  check_done(X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT));
  X509_VERIFY_PARAM_set_depth(rules, 0);
  X509_VERIFY_PARAM_set_auth_level(rules, 2); // of 112 bits at least, as TLS asks for by default
  X509_VERIFY_PARAM_set_time(rules, std::chrono::system_clock::to_time_t(now));
  const auto valid = X509_verify_cert(chain.get());
  ERR_clear_error();
  if (valid != 1)
    throw security_error{verdict(*chain, now)};
}

/// Throws security_error.
void check_signature(const X509& x, std::span<const std::uint8_t> text,
                     std::span<const std::uint8_t> signature) {
  const digest_handle digest{not_null(EVP_MD_CTX_new())};
  check_done(
      EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, X509_get0_pubkey(&x)));
  const bool valid = signature.size() <= max_signature_size &&
                     EVP_DigestVerify(digest.get(), signature.data(), signature.size(), text.data(),
                                      text.size()) == 1;
  ERR_clear_error();
  if (!valid)
    throw security_error{"the signature is not one of the certificate's key over this challenge"};
}

/// Calls `f`; its errors speak of the certificate.
template <class F>
auto of_certificate(F f) {
  try {
    return f();
  } catch (const security_error& error) {
    throw security_error{std::string{"the certificate "} + error.what()};
  }
}

/// The certificate, after all that can be said of it alone. Throws security_error.
certificate_handle checked_certificate(std::string_view pem, std::string_view claimed_name,
                                       X509_STORE& trusted, authority::time_point now) {
  if (!is_node_name(claimed_name))
    throw security_error{"the claimed name is none of a node, expected " +
                         std::string{node_name_rule}};
  auto x = of_certificate([&] {
    auto parsed = certificate_from(pem);
    check_kind(*X509_get0_pubkey(parsed.get()));
    return parsed;
  });
  check_chain(*x, trusted, now);
  const auto name = of_certificate([&] { return node_name_of(*x); });
  if (name != claimed_name)
    throw security_error{"the certificate is of the node " + name + ", not of " +
                         std::string{claimed_name}};
  return x;
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

std::optional<std::string> authority::check_certificate(std::string_view certificate_pem,
                                                        std::string_view claimed_name,
                                                        time_point now) const try {
  checked_certificate(certificate_pem, claimed_name, *trusted_, now);
  return std::nullopt;
} catch (const security_error& error) {
  return error.what();
}

std::optional<std::string> authority::check(std::string_view certificate_pem,
                                            std::string_view claimed_name, std::string_view context,
                                            const challenge& x,
                                            std::span<const std::uint8_t> signature,
                                            time_point now) const try {
  const auto certificate = checked_certificate(certificate_pem, claimed_name, *trusted_, now);
  check_signature(*certificate, proof_text(claimed_name, context, x), signature);
  return std::nullopt;
} catch (const security_error& error) {
  return error.what();
}

} // namespace adsp::security
