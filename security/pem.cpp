#include "security/pem.hpp"

#include "security/error.hpp"
#include "security/node_name.hpp"

#include <array>
#include <ctime>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace adsp::security {

namespace {

using text_handle = std::unique_ptr<BIO, free_handle>;

struct free_names {
  void operator()(GENERAL_NAMES* x) const noexcept { GENERAL_NAMES_free(x); }
};

/// Replaces OpenSSL's callback, which would prompt on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

/// A reader of `pem`; throws unless it has exactly one PEM text.
text_handle reader_of(std::string_view pem) {
  if (pem.size() > max_pem_size)
    throw security_error{"is " + std::to_string(pem.size()) + " bytes long, expected at most " +
                         std::to_string(max_pem_size)};
  constexpr std::string_view begin = "-----BEGIN ";
  const auto first = pem.find(begin);
  if (first == std::string_view::npos)
    throw security_error{"is not PEM, expected a text with -----BEGIN ...-----"};
  if (pem.find(begin, first + 1) != std::string_view::npos)
    throw security_error{"holds more than one PEM text, expected one"};
  return text_handle{not_null(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())))};
}

std::string text_of(BIO& memory) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(&memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

/// The text in UTF-8; empty if it cannot be converted.
std::string text_of(const ASN1_STRING& words) {
  unsigned char* data = nullptr;
  const auto size = ASN1_STRING_to_UTF8(&data, &words);
  if (size < 0)
    return {};
  std::string text{reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
  OPENSSL_free(data);
  return text;
}

bool has_dns_name(const X509& certificate, std::string_view name) {
  const std::unique_ptr<GENERAL_NAMES, free_names> names{static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* each = sk_GENERAL_NAME_value(names.get(), i);
    if (each->type == GEN_DNS && text_of(*each->d.dNSName) == name)
      return true;
  }
  return false;
}

} // namespace

certificate_handle certificate_from(std::string_view pem) {
  const auto reader = reader_of(pem);
  certificate_handle x{PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr)};
  ERR_clear_error();
  if (!x)
    throw security_error{"is not a certificate in PEM"};
  if (X509_get0_pubkey(x.get()) == nullptr) {
    ERR_clear_error();
    throw security_error{"holds a public key that cannot be read"};
  }
  return x;
}

key_handle private_key_from(std::string_view pem) {
  const auto reader = reader_of(pem);
  key_handle x{PEM_read_bio_PrivateKey(reader.get(), nullptr, no_passphrase, nullptr)};
  ERR_clear_error();
  if (!x)
    throw security_error{pem.find("ENCRYPTED") != std::string_view::npos
                             ? "is protected by a passphrase, expected a private key without"
                             : "is not a private key in PEM"};
  return x;
}

std::string to_pem(const X509& certificate) {
  const text_handle text{not_null(BIO_new(BIO_s_mem()))};
  check_done(PEM_write_bio_X509(text.get(), &certificate));
  return text_of(*text);
}

std::string to_pem(const EVP_PKEY& key) {
  const text_handle text{not_null(BIO_new(BIO_s_secmem()))};
  check_done(
      PEM_write_bio_PKCS8PrivateKey(text.get(), &key, nullptr, nullptr, 0, nullptr, nullptr));
  return text_of(*text);
}

void check_kind(const EVP_PKEY& key) {
  std::array<char, 64> curve{};
  if (EVP_PKEY_is_a(&key, "EC") == 1 &&
      EVP_PKEY_get_group_name(&key, curve.data(), curve.size(), nullptr) == 1 &&
      std::string_view{curve.data()} == SN_X9_62_prime256v1)
    return;
  ERR_clear_error();
  const auto* kind = EVP_PKEY_get0_type_name(&key);
  throw security_error{std::string{"has a key of an unsupported kind ("} +
                       (kind != nullptr ? kind : "unknown") + ", " +
                       std::to_string(EVP_PKEY_get_bits(&key)) +
                       " bits), expected ECDSA on P-256 (prime256v1)"};
}

std::string node_name_of(const X509& certificate) {
  auto* subject = X509_get_subject_name(&certificate);
  const auto at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  std::string name;
  if (at >= 0 && X509_NAME_get_index_by_NID(subject, NID_commonName, at) < 0)
    name = text_of(*X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  const bool is_dns_name = has_dns_name(certificate, name);
  ERR_clear_error();
  if (!is_node_name(name))
    throw security_error{"names no node, expected one common name (CN) of " +
                         std::string{node_name_rule}};
  if (!is_dns_name)
    throw security_error{"names the node " + name +
                         " as its common name (CN) but not as a DNS name (subjectAltName)"};
  return name;
}

std::string date_of(const ASN1_TIME& time) {
  std::tm parts{};
  std::array<char, 16> text{};
  if (ASN1_TIME_to_tm(&time, &parts) == 1 &&
      std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts) > 0)
    return text.data();
  ERR_clear_error();
  return "an unreadable date";
}

std::string date_of(std::chrono::system_clock::time_point when) {
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> time{
      not_null(ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(when))), ASN1_TIME_free};
  return date_of(*time);
}

} // namespace adsp::security
