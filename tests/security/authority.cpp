// Certificates say who a node is; whoever is not what it says is told why.
#include "security/authority.hpp"

#include "security/identity.hpp"
#include "security/pem.hpp"
#include "tests/security/folder.hpp"

#include <doctest/doctest.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace adsp::security;
using certificate_files::has;
using certificate_files::noon;
using std::chrono::hours;

namespace {

/// A cluster with the nodes a and b.
struct fixture {
  fixture() {
    files.issue({"a", "b"});
    node.emplace(identity::load(files / "a.pem", files / "a.key"));
    home.emplace(authority::load(files / "ca.pem"));
  }

  /// What the authority says of the node a, presented so.
  std::string verdict(const std::string& pem, const std::string& name = "a",
                      authority::time_point now = noon) const {
    const auto reason = home->check_certificate(pem, name, now);
    if (!reason)
      return "accepted";
    CHECK(reason->find('\n') == std::string::npos);
    CHECK_FALSE(reason->empty());
    return *reason;
  }

  certificate_files::folder files;
  std::optional<identity> node;
  std::optional<authority> home;
};

std::string armoured(const std::vector<unsigned char>& der) {
  std::string body(der.size() * 2 + 4, '\0');
  body.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(body.data()), der.data(), static_cast<int>(der.size()))));
  for (std::size_t at = 64; at < body.size(); at += 65)
    body.insert(at, "\n");
  return "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n";
}

std::vector<unsigned char> der_of(const std::string& pem) {
  const auto x = certificate_from(pem);
  std::vector<unsigned char> der(static_cast<std::size_t>(i2d_X509(x.get(), nullptr)));
  auto* at = der.data();
  i2d_X509(x.get(), &at);
  return der;
}

/// A certificate for the node a by `by`, with another key and digest than this project makes.
std::string unusual(const credentials& by, key_handle key, const EVP_MD* digest) {
  const auto usual = certificate_from(issuer{by}.issue("a", valid_for(noon, 10)).certificate);
  REQUIRE(X509_set_pubkey(usual.get(), key.get()) == 1);
  REQUIRE(X509_sign(usual.get(), private_key_from(by.key).get(), digest) > 0);
  return to_pem(*usual);
}

} // namespace

TEST_CASE_FIXTURE(fixture, "a certificate says which node has it") {
  CHECK(node->name() == "a");
  CHECK(verdict(node->certificate_pem()) == "accepted");
  CHECK(verdict(files.text("b.pem"), "b") == "accepted");
  CHECK(home->node_of(*certificate_from(files.text("b.pem")), noon) == "b");
}

TEST_CASE_FIXTURE(fixture, "another authority's certificate is refused, whatever its name") {
  const certificate_files::folder others;
  others.issue({"a"});
  const auto stranger = identity::load(others / "a.pem", others / "a.key");
  CHECK(has(verdict(stranger.certificate_pem()), "was not issued by this cluster's authority"));
  // An authority is no node, not even this one.
  CHECK(verdict(others.text("ca.pem")) != "accepted");
  CHECK(verdict(files.text("ca.pem")) != "accepted");
}

TEST_CASE_FIXTURE(fixture, "a node cannot make nodes") {
  const auto made = issuer{files.credentials("b")}.issue("a", valid_for(noon, 10));
  CHECK(has(verdict(made.certificate), "was not issued by this cluster's authority"));
  CHECK(has(verdict(made.certificate + files.text("b.pem")), "more than one PEM text"));
}

TEST_CASE_FIXTURE(fixture, "a certificate counts from its first second until its last") {
  const auto pem = node->certificate_pem();
  CHECK(verdict(pem, "a", noon - hours{1}) == "accepted");
  CHECK(verdict(pem, "a", noon + std::chrono::days{100} - std::chrono::seconds{1}) == "accepted");
  CHECK(verdict(pem, "a", noon + std::chrono::days{101}) ==
        "the certificate has expired on 2026-04-11; the clock here says 2026-04-12");
  const issuer own{files.credentials("ca")};
  const auto future = own.issue("a", {noon + hours{24}, noon + hours{48}}).certificate;
  CHECK(verdict(future) ==
        "the certificate is not valid before 2026-01-02; the clock here says 2026-01-01");
  const auto past = own.issue("a", {noon - hours{48}, noon - hours{24}}).certificate;
  CHECK(has(verdict(past), "has expired on 2025-12-31"));
  CHECK(has(verdict(pem, "a", noon + std::chrono::days{3651}), "expired on 2035-12-30"));
  CHECK(
      has(verdict(pem, "a", noon - hours{24}), "the authority's certificate is not valid before"));
}

TEST_CASE_FIXTURE(fixture, "a certificate is of one name") {
  CHECK(verdict(node->certificate_pem(), "b") == "the certificate is of the node a, not of b");
  CHECK(has(verdict(node->certificate_pem(), "A"), "not of A"));
  for (const auto* name : {"", "a\n", "../a", "*"})
    CHECK(has(verdict(node->certificate_pem(), name), "the claimed name is not a node name"));
}

TEST_CASE_FIXTURE(fixture, "only the one kind of key and sound digests are accepted") {
  const auto by = files.credentials("ca");
  CHECK(has(verdict(unusual(by, key_handle{EVP_RSA_gen(1024)}, EVP_sha256())),
            "the certificate has a key of an unsupported kind (RSA, 1024 bits), expected ECDSA"));
  CHECK(has(verdict(unusual(by, key_handle{EVP_EC_gen("P-384")}, EVP_sha256())), "(EC, 384 bits)"));
  CHECK(has(verdict(unusual(by, key_handle{EVP_EC_gen("P-256")}, EVP_sha1())), "too weak"));
  CHECK(verdict(unusual(by, key_handle{EVP_EC_gen("P-256")}, EVP_sha256())) == "accepted");
}

TEST_CASE_FIXTURE(fixture, "junk is refused before it is parsed") {
  CHECK(has(verdict(""), "the certificate is not PEM"));
  CHECK(has(verdict("no certificate"), "the certificate is not PEM"));
  CHECK(has(verdict(std::string(1 << 20, 'A')),
            "the certificate is 1048576 bytes long, expected at most 16384"));
  CHECK(has(verdict(files.text("a.key")), "is not a certificate in PEM"));
  CHECK(has(verdict(files.text("a.pem") + files.text("a.key")), "more than one PEM text"));
  CHECK(has(verdict("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            "is not a certificate in PEM"));
  // It would ask for a passphrase.
  auto locked = files.text("a.pem");
  locked.insert(locked.find('\n') + 1,
                "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566"
                "778899AABBCCDDEEFF\n\n");
  CHECK(has(verdict(locked), "is not a certificate in PEM"));
}

TEST_CASE_FIXTURE(fixture, "random and damaged certificates are refused, never a crash") {
  std::mt19937 draw{1};
  const auto good = der_of(files.text("a.pem"));
  for (int i = 0; i < 10'000; ++i) {
    std::string pem;
    if (i % 4 == 0) { // anything
      pem.resize(draw() % 300);
      std::generate(pem.begin(), pem.end(), [&] { return static_cast<char>(draw()); });
    } else if (i % 4 == 1) { // anything in the form of a certificate
      std::vector<unsigned char> der(draw() % 600);
      std::generate(der.begin(), der.end(), [&] { return static_cast<unsigned char>(draw()); });
      pem = armoured(der);
    } else if (i % 4 == 2) { // one byte of another value
      auto der = good;
      der[draw() % der.size()] ^= static_cast<unsigned char>(1 + draw() % 255);
      pem = armoured(der);
    } else { // a piece missing
      auto der = good;
      const auto at = draw() % (der.size() - 1);
      const auto count = 1 + draw() % (der.size() - at);
      der.erase(der.begin() + static_cast<std::ptrdiff_t>(at),
                der.begin() + static_cast<std::ptrdiff_t>(at + count));
      pem = armoured(der);
    }
    const auto reason = home->check_certificate(pem, "a", noon);
    REQUIRE(reason);
    REQUIRE(reason->find('\n') == std::string::npos);
  }
  CHECK(verdict(armoured(good)) == "accepted");
}

TEST_CASE_FIXTURE(fixture, "an authority is read from its own certificate only") {
  const auto wrong = [&](const std::string& name) {
    return certificate_files::trouble([&] { authority::load(files / name); });
  };
  CHECK(has(wrong("a.pem"), "a.pem: is not an authority's certificate"));
  CHECK(has(wrong("none.pem"), "none.pem: cannot be read: No such file"));
  CHECK(has(wrong("ca.key"), "ca.key: is not a certificate in PEM"));
  CHECK(has(wrong("."), "is not a regular file"));
}
