// Certificates and keys from and to PEM, with bounds: some of it comes from strangers. The errors
// thrown here are security_errors whose text goes on after a subject: "is not ...".
#pragma once

#include "security/handles.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace adsp::security {

/// Bytes; nothing longer is parsed.
inline constexpr std::size_t max_pem_size = 16 * 1024;

/// The one certificate in `pem`; its public key can be read.
certificate_handle certificate_from(std::string_view pem);

/// The one private key in `pem`, which no passphrase protects.
key_handle private_key_from(std::string_view pem);

std::string to_pem(const X509& certificate);
/// PKCS #8, not encrypted.
std::string to_pem(const EVP_PKEY& key);

/// Refuses all but the one kind of key in use, ECDSA on P-256.
void check_kind(const EVP_PKEY& x);

/// The node that a certificate is for: the only common name of its subject, which has to be a node
/// name and one of the DNS names of subjectAltName.
std::string node_name_of(const X509& x);

/// A time of a certificate as "2026-11-24" (UTC).
std::string date_of(const ASN1_TIME& time);
std::string date_of(std::chrono::system_clock::time_point when);

} // namespace adsp::security
