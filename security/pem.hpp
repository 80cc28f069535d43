// Reads and writes certificates and keys as PEM, with limits, because some PEM comes from untrusted
// peers. The security_errors thrown here have a text that continues a subject: "is not ...".
#pragma once

#include "security/handles.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace adsp::security {

/// Most bytes that are parsed.
inline constexpr std::size_t max_pem_size = 16 * 1024;

/// The only certificate in `pem`; its public key is readable.
certificate_handle certificate_from(std::string_view pem);

/// The only private key in `pem`, which must not be protected by a passphrase.
key_handle private_key_from(std::string_view pem);

std::string to_pem(const X509& certificate);
/// PKCS #8, not encrypted.
std::string to_pem(const EVP_PKEY& key);

/// Refuses every kind of key except the one in use, ECDSA on P-256.
void check_kind(const EVP_PKEY& x);

/// The node that a certificate is for: the only common name of its subject, which must be a node
/// name and one of the DNS names in subjectAltName.
std::string node_name_of(const X509& x);

/// A time of a certificate as "2026-11-24" (UTC).
std::string date_of(const ASN1_TIME& time);
std::string date_of(std::chrono::system_clock::time_point when);

} // namespace adsp::security
