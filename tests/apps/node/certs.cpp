// `adsp certs` as a user meets it: what it leaves on disk, and what it refuses.
#include "tests/apps/program.hpp"
#include "tests/apps/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace fs = std::filesystem;

using program::adsp;
using program::check_refused;

namespace {

struct folder : program::scratch_folder {
  folder() : scratch_folder{"certs"} {}

  std::string directory() const { return file("cluster"); }

  /// Of the cluster.
  std::string text(const std::string& name) const {
    return scratch_folder::text(fs::path{"cluster"} / name);
  }

  fs::perms mode(const std::string& name) const {
    return fs::status(path / "cluster" / name).permissions();
  }

  program::outcome certs(const std::string& rest, const std::string& shell = "") const {
    return adsp("certs " + directory() + " " + rest, shell);
  }
};

bool has(const program::outcome& x, const std::string& part) {
  return x.output.find(part) != std::string::npos;
}

} // namespace

TEST_CASE_FIXTURE(folder, "certs makes the files, private keys for their owner only") {
  const auto x = certs("--node scheduler --node pi-3", "umask 0; ");
  CAPTURE(x.output);
  CHECK(x.exit == 0);
  CHECK(mode("ca.key") == fs::perms{0600});
  CHECK(mode("pi-3.key") == fs::perms{0600});
  CHECK(mode("ca.pem") == fs::perms{0644});
  CHECK(mode("scheduler.pem") == fs::perms{0644});
  CHECK(has(x, "  pi-3: " + directory() + "/ca.pem " + directory() + "/pi-3.pem " + directory() +
                   "/pi-3.key\n"));
  CHECK(has(x, "Keep " + directory() + "/ca.key here"));
  CHECK(std::distance(fs::directory_iterator{directory()}, {}) == 6);
}

TEST_CASE_FIXTURE(folder, "certs adds nodes, renews them and overwrites nothing") {
  CHECK(certs("--node a").exit == 0);
  const auto authority = text("ca.pem");
  const auto certificate = text("a.pem");
  const auto key = text("a.key");
  CHECK(certs("--node b").exit == 0);
  CHECK(text("ca.pem") == authority);
  check_refused(certs("--node c --node a"), 2, "/a.pem: exists already; --renew");
  CHECK_FALSE(fs::exists(path / "cluster" / "c.pem"));
  CHECK(text("a.pem") == certificate);
  const auto renewed = certs("--node a --renew --days 3");
  CHECK(renewed.exit == 0);
  CHECK(has(renewed, "renewed " + directory() + "/a.pem, valid until "));
  CHECK(has(renewed, "  a: " + directory() + "/a.pem\n"));
  CHECK(text("a.pem") != certificate);
  CHECK(text("a.key") == key);
  check_refused(certs("--node c --renew"), 2, "/c.pem: does not exist");
}

TEST_CASE_FIXTURE(folder, "certs refuses what cannot be, in one line") {
  check_refused(certs("--node=-a"), 2, "node '-a': expected a name of 1 to 63 letters");
  check_refused(certs("--node ../a"), 2, "node '../a': expected");
  check_refused(certs("--node ca"), 2, "node 'ca': this name is the authority's");
  check_refused(certs("--node a --node a"), 2, "node 'a': is named twice");
  CHECK(certs("").exit == 2);
  CHECK(certs("--node a --days 0").exit == 2);
  CHECK(certs("--node a --days 4000").exit == 2);
  CHECK_FALSE(fs::exists(directory()));
}

TEST_CASE_FIXTURE(folder, "certs says what it cannot write") {
  std::ofstream{directory()} << "a file";
  check_refused(certs("--node a"), 1, "cluster: cannot be made: ");
}

TEST_CASE_FIXTURE(folder, "certs explains the files") {
  const auto x = adsp("certs --help");
  CHECK(x.exit == 0);
  for (const auto* part : {"ca.key", "NODE.pem", "--renew", "stays here", "Exit: 0 done"})
    CHECK(has(x, part));
}
