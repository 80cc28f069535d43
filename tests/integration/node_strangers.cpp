// Who does not belong to a cluster of real processes, and what it says to their ports: the job goes
// on to its end, memory stays, and each is one line of the log.
#include "tests/integration/node_cluster.hpp"
#include "tests/transport/frames.hpp"
#include "tests/transport/tls_client.hpp"

#include "security/certificates.hpp"

#include <array>
#include <csignal>
#include <limits>

namespace fs = std::filesystem;

using frames::kind;
using program::check_refused;
using program::connected;
using program::count;
using program::process;

namespace {

constexpr auto huge = std::numeric_limits<std::uint32_t>::max();
const std::string announces_huge = "it announces a message of 4294967295 bytes";
const frames::somebody guest{4242, 9};

/// "127.0.0.7:40312": this end of a connection.
std::string address_of(int socket) {
  sockaddr_in at = {};
  socklen_t size = sizeof at;
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  char host[INET_ADDRSTRLEN];
  REQUIRE(::inet_ntop(AF_INET, &at.sin_addr, host, sizeof host) != nullptr);
  return host + (":" + std::to_string(ntohs(at.sin_port)));
}

void read_to_end(int socket) {
  std::array<char, 4096> part;
  while (::recv(socket, part.data(), part.size(), 0) > 0) {
  }
  ::close(socket);
}

/// A job that goes on until it is ended, and who comes to it meanwhile.
struct strangers : program::cluster {
  strangers() { std::signal(SIGPIPE, SIG_IGN); } // whoever is refused may still be writing

  void begin() {
    start_others();
    boss = scheduler();
    boss->until("time=", 2);
    for (int i : {0, 1})
      before[i] = listener(i).memory();
  }

  /// The processes that these tests speak to: the scheduler's and the first one with shards.
  const process& listener(int i) const { return i == 0 ? *boss : *nodes[0]; }

  /// Says it over plain TCP, and waits until it is refused.
  void say(int to, const std::string& bytes, const std::string& why) {
    const auto socket = connected(ports[to], next_host());
    CHECK(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
    refused(to, address_of(socket), why);
    ::close(socket);
  }

  /// The same over TLS.
  void say(int to, const tls::shown& as, const std::string& bytes, const std::string& why) {
    const auto socket = connected(ports[to], next_host());
    const auto here = address_of(socket);
    tls::client end{socket, as};
    if (!bytes.empty())
      end.say(bytes);
    end.read_to_end();
    refused(to, here, why);
  }

  void refused(int to, const std::string& peer, const std::string& why) {
    listener(to).until("peer=" + peer + " refused reason=\"" + why);
    told.emplace_back(to, "peer=" + peer);
  }

  /// It is still training, has not grown, ends as it should, and has said each thing once.
  void check_end() {
    const auto text = boss->output();
    CHECK(count(text, "ending") == 0);
    for (int i : {0, 1})
      CHECK(listener(i).memory() - before[i] < memory::most_growth);
    boss->until("time=", count(text, "time=") + 1);
    boss->send(SIGINT);
    check_ends(*boss, 130);
    for (const auto& [to, line] : told)
      CHECK(count(listener(to).output(), line) == 1);
    CHECK(count(boss->output(), " lost ") == 0);
    const auto end = summary();
    CHECK(end["end_reason"] == "interrupted");
    CHECK(end["workers"].size() == 3);
  }

  /// A line that was the last of a host is not said again: each stranger comes from another.
  std::string next_host() { return "127.0.1." + std::to_string(++hosts); }

  std::unique_ptr<process> boss;
  int hosts = 0;
  std::array<long, 2> before{};
  std::vector<std::pair<int, std::string>> told;
};

/// The same with certificates.
struct guarded : strangers {
  guarded() {
    REQUIRE(program::adsp("certs " + files().string() +
                          " --node s --node p0 --node p1 --node w-0 --node w-1 --node w-2 --node "
                          "guest --node other")
                .exit == 0);
    write_expired("old");
    common_without = common;
    common.insert(common.end(), {"--certificates", files().string()});
  }

  fs::path files() const { return path / "certs"; }
  std::string text(const std::string& name) const {
    std::ifstream in{files() / name};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  tls::shown certificate(const std::string& name) const {
    return {files() / (name + ".pem"), files() / (name + ".key")};
  }

  void write_expired(const std::string& name) const {
    const auto now = std::chrono::system_clock::now();
    const auto day = std::chrono::hours{24};
    const adsp::security::issuer authority{{text("ca.pem"), text("ca.key")}};
    const auto made = authority.issue(name, {now - 2 * day, now - day});
    std::ofstream{files() / (name + ".pem")} << made.certificate;
    std::ofstream{files() / (name + ".key")} << made.key;
    fs::permissions(files() / (name + ".key"), fs::perms::owner_read | fs::perms::owner_write);
  }

  /// The message in frames to each actor that the process may have, with each of the numbers.
  static std::string to_everybody(const std::string& text,
                                  const std::vector<std::uint64_t>& numbers) {
    std::string all;
    for (std::uint64_t actor = 1; actor <= 40; ++actor)
      for (const auto number : numbers) {
        auto header = frames::header(kind::direct_message, text.size(), 5, actor);
        header.operation_data |= number;
        all += frames::frame(header, text);
      }
    return all;
  }

  /// Says it over TLS under that name, and is dropped for that.
  void is_dropped(int to, const std::string& name, const std::string& bytes,
                  const std::string& why) {
    const frames::somebody process{++processes, 9};
    tls::client end{connected(ports[to]), certificate(name)};
    end.say(frames::client_greeting(process));
    end.say(bytes);
    end.read_to_end();
    listener(to).until("peer=" + name + " dropped reason=\"" + why + "; the last of 5");
    told.emplace_back(to, "peer=" + name);
    say(to, certificate(name), frames::client_greeting(process), "it has been dropped before");
  }

  std::uint32_t processes = 5000;
  std::vector<std::string> common_without; ///< certificates
};

std::string header_of(kind operation) {
  return frames::bytes_of(frames::header(operation, huge, 5, 6));
}

const std::string greeting_of_4_gb = frames::bytes_of(frames::header(kind::client_handshake, huge));

} // namespace

TEST_CASE_FIXTURE(guarded, "expired certificates, none, and 4 GB announced over TLS") {
  begin();
  check_refused(program::adsp("node " + (path / "job.toml").string() +
                              " --name old --role worker --join " + local(ports[0]) +
                              " --certificates " + files().string()),
                2, "old.pem");
  say(0, certificate("old"), "", "certificate verify failed: certificate has expired");
  say(0, {}, "", "peer did not return a certificate");

  common = common_without;
  const auto bare = worker("guest");
  boss->until("refused reason=\"it does not speak TLS");
  bare->until("waiting for " + local(ports[0]));
  bare->until("if it has --certificates, give them here, too");
  bare->send(SIGINT);
  CHECK(bare->wait() == 130);

  for (int to : {0, 1}) {
    say(to, greeting_of_4_gb, "");
    say(to, certificate("guest"), greeting_of_4_gb, announces_huge);
    say(to, certificate("guest"), frames::client_greeting(guest) + header_of(kind::direct_message),
        announces_huge);
  }
  check_end();
}

TEST_CASE_FIXTURE(guarded,
                  "messages that cannot be read are counted, and their sender is dropped") {
  begin();
  const auto cut_off = frames::message("+adsp::push", frames::number<std::uint32_t>(1));
  const auto frame =
      frames::frame(frames::header(kind::direct_message, cut_off.size(), 5, 6), cut_off);
  std::string frames_of_5;
  for (int i = 0; i < 5; ++i)
    frames_of_5 += frame;
  for (int to : {0, 1})
    is_dropped(to, "guest", frames_of_5, "a message that cannot be read");
  check_end();
}

TEST_CASE_FIXTURE(guarded, "handles of nobody, to whatever actor, harm none") {
  begin();
  const auto nobody = frames::number<std::uint64_t>(0) + frames::number<std::uint64_t>(0xF);
  const auto hello =
      frames::message("+adsp::hello+adsp::node_actor",
                      frames::number<std::uint32_t>(5) + std::string("\x05guest\0\0\0", 9) +
                          frames::number<std::uint64_t>(1) + std::string(1, '\0') + nobody);
  const auto join = frames::message("+adsp::join+adsp::worker_actor",
                                    "\x03w-0" + frames::number<std::uint64_t>(25450) + nobody);
  for (int to : {0, 1}) {
    is_dropped(to, "guest", to_everybody(hello, {1}), "a message that cannot be read");
    is_dropped(to, "other", to_everybody(join, {1}), "a message that cannot be read");
  }
  check_end();
}

TEST_CASE_FIXTURE(guarded, "answers that nobody has asked for are counted and reach nobody") {
  begin();
  const auto nan = frames::number<std::uint64_t>(0x7FF8000000000000);
  const auto text = frames::message("+adsp::evaluation", nan + nan + nan);
  constexpr auto answer = std::uint64_t{1} << 63;
  for (int to : {0, 1})
    is_dropped(to, "guest", to_everybody(text, {answer | 1, answer | 2, answer | 3}),
               "an answer that nobody has asked for");
  check_end();
}

TEST_CASE_FIXTURE(strangers, "4 GB announced and noise without TLS") {
  begin();
  std::string noise(4096, '\0');
  for (std::size_t i = 0; i < noise.size(); ++i)
    noise[i] = static_cast<char>(i * 2654435761u >> 13);
  for (int i = 0; i < 3; ++i) {
    const auto socket = connected(ports[0], "127.0.2.1");
    ::send(socket, noise.data(), noise.size(), MSG_NOSIGNAL);
    read_to_end(socket);
  }
  const auto socket = connected(ports[0], "127.0.2.1");
  ::send(socket, greeting_of_4_gb.data(), greeting_of_4_gb.size(), MSG_NOSIGNAL);
  refused(0, address_of(socket), announces_huge);
  ::close(socket);
  CHECK(count(boss->output(), "peer=127.0.2.1") == 2); // what is said again is not
  for (int to : {0, 1}) {
    say(to, noise, "it does not ");
    say(to, greeting_of_4_gb, announces_huge);
    say(to, header_of(kind::direct_message), "it does not say who it is");
    say(to, frames::client_greeting(guest) + header_of(kind::direct_message), announces_huge);
  }
  check_end();
}
