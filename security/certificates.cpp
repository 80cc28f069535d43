#include "security/certificates.hpp"

#include "security/handles.hpp"
#include "security/node_name.hpp"
#include "security/pem.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace adsp::security {

namespace {

constexpr const char* authority_name = "adsp cluster authority";

struct free_number {
  void operator()(BIGNUM* x) const noexcept { BN_free(x); }
};

struct free_extension {
  void operator()(X509_EXTENSION* x) const noexcept { X509_EXTENSION_free(x); }
};

key_handle make_key() {
  return key_handle{not_null(EVP_EC_gen("P-256"))};
}

void set_serial(X509& certificate) {
  const std::unique_ptr<BIGNUM, free_number> number{not_null(BN_new())};
  check_done(BN_rand(number.get(), 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY));
  not_null(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)));
}

void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, free_extension> extension{
      not_null(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()))};
  check_done(X509_add_ext(&certificate, extension.get(), -1));
}

/// A certificate with subject, key and dates, but without extensions for its purpose.
certificate_handle make_certificate(const std::string& subject, EVP_PKEY& key,
                                    const validity& dates) {
  certificate_handle x{not_null(X509_new())};
  check_done(X509_set_version(x.get(), X509_VERSION_3));
  set_serial(*x);
  check_done(X509_NAME_add_entry_by_NID(X509_get_subject_name(x.get()), NID_commonName,
                                        MBSTRING_UTF8,
                                        reinterpret_cast<const unsigned char*>(subject.data()),
                                        static_cast<int>(subject.size()), -1, 0));
  using clock = std::chrono::system_clock;
  not_null(ASN1_TIME_set(X509_getm_notBefore(x.get()), clock::to_time_t(dates.not_before)));
  not_null(ASN1_TIME_set(X509_getm_notAfter(x.get()), clock::to_time_t(dates.not_after)));
  check_done(X509_set_pubkey(x.get(), &key));
  return x;
}

void sign(X509& certificate, X509& issuer, EVP_PKEY& issuer_key) {
  check_done(X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer)));
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  check_done(X509_sign(&certificate, &issuer_key, EVP_sha256()));
}

} // namespace

validity valid_for(std::chrono::system_clock::time_point now, int days) {
  return {now - std::chrono::hours{1}, now + std::chrono::days{days}};
}

credentials make_authority(const validity& rule) {
  const auto key = make_key();
  const auto own = make_certificate(authority_name, *key, rule);
  add_extension(*own, *own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(*own, *own, NID_key_usage, "critical,keyCertSign");
  sign(*own, *own, *key);
  return {to_pem(*own), to_pem(*key)};
}

issuer::issuer(const credentials& mine) {
  std::string_view reading = "certificate ";
  try {
    certificate_ = certificate_from(mine.certificate);
    reading = "key ";
    key_ = private_key_from(mine.key);
    check_kind(*key_);
    if (X509_check_private_key(certificate_.get(), key_.get()) != 1) {
      ERR_clear_error();
      throw security_error{"does not belong to its certificate"};
    }
  } catch (const security_error& error) {
    throw security_error{"the authority's " + std::string{reading} + error.what()};
  }
}

certificate_handle issuer::issue_to(EVP_PKEY& key, const std::string& node,
                                    const validity& rule) const {
  auto& own = *certificate_;
  const auto* end = X509_get0_notAfter(&own);
  if (ASN1_TIME_cmp_time_t(end, std::chrono::system_clock::to_time_t(rule.not_before)) <= 0)
    throw security_error{
        "the authority's certificate has expired on " + date_of(*end) +
        "; make a new authority in another folder, and certificates for all nodes"};
  auto made = make_certificate(node, key, rule);
  if (ASN1_TIME_compare(end, X509_get0_notAfter(made.get())) < 0)
    check_done(X509_set1_notAfter(made.get(), end));
  add_extension(*made, own, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(*made, own, NID_key_usage, "critical,digitalSignature");
  add_extension(*made, own, NID_ext_key_usage, "serverAuth,clientAuth");
  add_extension(*made, own, NID_subject_alt_name, "DNS:" + node);
  sign(*made, own, *key_);
  return made;
}

credentials issuer::issue(const std::string& node, const validity& rule) const {
  if (!is_node_name(node))
    throw security_error{"'" + node + "' is not a node name, expected " +
                         std::string{node_name_rule}};
  const auto key = make_key();
  return {to_pem(*issue_to(*key, node, rule)), to_pem(*key)};
}

std::string issuer::issue_again(const std::string& node, std::string_view certificate,
                                const validity& rule) const {
  const auto old = certificate_from(certificate);
  auto& key = *X509_get0_pubkey(old.get());
  check_kind(key);
  const bool is_own = X509_verify(old.get(), key_.get()) == 1;
  ERR_clear_error();
  if (!is_own)
    throw security_error{"was not issued by this authority"};
  if (const auto name = node_name_of(*old); name != node)
    throw security_error{"is the certificate of the node " + name + ", not of " + node};
  return to_pem(*issue_to(key, node, rule));
}

std::string last_day_of(std::string_view certificate) {
  return date_of(*X509_get0_notAfter(certificate_from(certificate).get()));
}

} // namespace adsp::security
