// The files of a cluster: made once, readable for whom they are meant, as other programs understand
// them.
#include "security/certificates.hpp"

#include "security/authority.hpp"
#include "security/identity.hpp"
#include "tests/security/folder.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

using namespace adsp::security;
namespace fs = std::filesystem;
using certificate_files::folder;
using certificate_files::has;
using certificate_files::noon;
using certificate_files::trouble;

namespace {

std::string why_not_loaded(const folder& x, const std::string& certificate,
                           const std::string& key) {
  return trouble([&] { identity::load(x / certificate, x / key); });
}

bool shell(const folder& x, const std::string& line) {
  return std::system(("cd " + x.path().string() + " && (" + line + ") >/dev/null 2>&1").c_str()) ==
         0;
}

} // namespace

TEST_CASE_FIXTURE(folder, "the first call makes the authority, later ones add to it") {
  const auto first = issue({"a", "pi-3"});
  CHECK(first.new_authority);
  REQUIRE(first.nodes.size() == 2);
  CHECK(first.nodes[1].name == "pi-3");
  CHECK(first.nodes[1].last_day == "2026-04-11");
  const auto before = credentials("ca");
  CHECK_FALSE(issue({"b"}).new_authority);
  CHECK(text("ca.pem") == before.certificate);
  CHECK(text("ca.key") == before.key);
  const auto home = authority::load(path() / "ca.pem");
  for (const auto* node : {"a", "pi-3", "b"})
    CHECK_FALSE(home.check_certificate(text(std::string{node} + ".pem"), node, noon));
}

TEST_CASE_FIXTURE(folder, "an order that cannot be carried out changes nothing") {
  issue({"a"});
  const auto before = credentials("a");
  CHECK(has(trouble([&] { issue({"b", "a"}); }), "a.pem: exists already; --renew makes"));
  CHECK(has(trouble([&] { issue({"b", "b"}); }), "node 'b': is named twice"));
  CHECK(has(trouble([&] { issue({"b", "ca"}); }), "node 'ca': this name is the authority's"));
  for (const auto* name : {"", "-b", ".b", "../b", "b c", "b\n"})
    CHECK(has(trouble([&] { issue({"b", name}); }), "expected a name of 1 to 63 letters"));
  CHECK_FALSE(fs::exists(path() / "b.key"));
  CHECK(text("a.pem") == before.certificate);
  CHECK(text("a.key") == before.key);

  fs::rename(path() / "ca.key", path() / "away");
  CHECK(has(trouble([&] { issue({"b"}); }), "ca.key: is missing"));
  fs::rename(path() / "away", path() / "ca.key");
  write("ca.key", text("a.key"));
  CHECK(has(trouble([&] { issue({"b"}); }),
            "the authority's key does not belong to its certificate"));
  write("ca.key", "junk");
  CHECK(has(trouble([&] { issue({"b"}); }), "the authority's key is not PEM"));
  fs::permissions(path() / "ca.key", fs::perms::others_read, fs::perm_options::add);
  CHECK(has(trouble([&] { issue({"b"}); }), "ca.key: others may use this private key (mode 0604)"));
  CHECK_FALSE(fs::exists(path() / "b.key"));

  fs::remove(path() / "a.pem");
  CHECK(has(trouble([&] { issue({"a"}); }), "a.key: exists already, without a certificate"));
}

TEST_CASE_FIXTURE(folder,
                  "renewing keeps the key, needs no key file, and only an own certificate") {
  issue({"a", "b"});
  const auto before = credentials("a");
  const auto later = noon + std::chrono::days{90};
  const auto renew = [&](const std::string& node) {
    return issue_certificates({path(), {node}, 100, true}, later);
  };
  CHECK(renew("a").nodes.at(0).last_day == "2026-07-10");
  CHECK(text("a.pem") != before.certificate);
  CHECK(text("a.key") == before.key);
  CHECK(identity::load(path() / "a.pem", path() / "a.key").name() == "a");
  CHECK_FALSE(fs::exists(path() / "a.pem.new"));
  fs::remove(path() / "b.key");
  CHECK(renew("b").nodes.size() == 1);
  CHECK_FALSE(fs::exists(path() / "b.key"));

  CHECK(has(trouble([&] { renew("c"); }), "c.pem: does not exist; without --renew"));
  write("c.pem", text("a.pem"));
  CHECK(has(trouble([&] { renew("c"); }), "c.pem: is the certificate of the node a, not of c"));
  const folder others;
  others.issue({"c"});
  write("c.pem", others.text("c.pem"));
  CHECK(has(trouble([&] { renew("c"); }), "c.pem: was not issued by this authority"));
}

TEST_CASE_FIXTURE(folder, "no certificate outlives its authority") {
  issue({"a"});
  const auto late = noon + std::chrono::days{3600};
  CHECK(issue({"b"}, late).nodes.at(0).last_day == "2035-12-30");
  CHECK(has(trouble([&] { issue({"c"}, late + std::chrono::days{51}); }),
            "the authority's certificate has expired on 2035-12-30; make a new authority"));
}

TEST_CASE_FIXTURE(folder, "an identity is two files that belong together") {
  issue({"a", "b"});
  const auto a = identity::load(path() / "a.pem", path() / "a.key");
  CHECK(a.name() == "a");
  CHECK(a.certificate_pem() == text("a.pem"));
  CHECK(has(why_not_loaded(*this, "x.pem", "a.key"), "x.pem: cannot be read: No such file"));
  CHECK(has(why_not_loaded(*this, "a.pem", "x.key"), "x.key: cannot be read: No such file"));
  CHECK(has(why_not_loaded(*this, "a.pem", "b.key"), "b.key: is not the key of the certificate"));
  CHECK(has(why_not_loaded(*this, "a.pem", "a.pem"), "a.pem: others may use this private key"));
  CHECK(has(why_not_loaded(*this, "a.key", "a.key"), "a.key: is not a certificate in PEM"));
  CHECK(has(why_not_loaded(*this, "ca.pem", "ca.key"), "ca.pem: names no node"));
  write("junk", "junk");
  CHECK(has(why_not_loaded(*this, "junk", "a.key"), "junk: is not PEM"));
  CHECK(has(why_not_loaded(*this, "a.pem", "junk"), "junk: is not PEM"));
  write("long", std::string(1 << 20, 'A'));
  CHECK(has(why_not_loaded(*this, "long", "a.key"), "long: is longer than 16384 bytes"));
  write("twice", text("a.pem") + text("b.pem"));
  CHECK(has(why_not_loaded(*this, "twice", "a.key"), "twice: holds more than one PEM text"));
  fs::permissions(path() / "a.key", fs::perms{0644});
  CHECK(has(why_not_loaded(*this, "a.pem", "a.key"), "(mode 0644); run chmod 600 on it"));
  fs::permissions(path() / "a.key", fs::perms{0400});
  CHECK(why_not_loaded(*this, "a.pem", "a.key").empty());
  // The text before a certificate, as other programs write it, does not go to others.
  write("a.pem", "subject=CN = a\n" + text("a.pem"));
  CHECK(identity::load(path() / "a.pem", path() / "a.key").certificate_pem() ==
        a.certificate_pem());
}

TEST_CASE_FIXTURE(folder, "the openssl program agrees") {
  if (!shell(*this, "openssl version")) {
    MESSAGE("skipped: there is no openssl program (package openssl)");
    return;
  }
  issue({"a"});
  const folder others;
  others.issue({"a"});
  write("other.pem", others.text("a.pem"));
  const std::string verify = "openssl verify -attime 1767268800 -x509_strict -CAfile ca.pem ";
  CHECK(shell(*this, verify + "-purpose sslclient a.pem"));
  CHECK(shell(*this, verify + "-purpose sslserver -verify_hostname a a.pem"));
  CHECK_FALSE(shell(*this, verify + "-purpose sslserver -verify_hostname b a.pem"));
  CHECK_FALSE(shell(*this, verify + "other.pem"));
  CHECK(shell(*this, "openssl pkey -in a.key -check -noout"));
  CHECK(shell(*this, "openssl x509 -in ca.pem -noout -text | grep -q 'CA:TRUE, pathlen:0'"));
  CHECK(shell(*this, "openssl x509 -in a.pem -noout -text | grep -q 'ASN1 OID: prime256v1'"));
  // A key with a passphrase is refused, not asked for.
  REQUIRE(shell(*this, "openssl pkey -in a.key -aes128 -passout pass:x -out locked.key"));
  fs::permissions(path() / "locked.key", fs::perms{0600});
  CHECK(has(why_not_loaded(*this, "a.pem", "locked.key"), "is protected by a passphrase"));
}
