// What a commit and its fresh block cost between two processes over loopback TCP: every shard gets its part of the update
// and answers with its block, beside the same bytes echoed by raw sockets, in turns in one run; and with TLS beside without.
#include "actors/shard.hpp"
#include "messages/system_config.hpp"
#include "security/certificate_folder.hpp"
#include "transport/gateway.hpp"
#include "transport/sockets.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace adsp;
using clock_type = std::chrono::steady_clock;

constexpr std::uint32_t shard_size = 65536;
constexpr std::chrono::seconds patience{60};

/// Hands out the shards of a model of so many parameters, made when first asked for.
using keeper_actor =
    caf::typed_actor<caf::replies_to<std::uint64_t>::with<std::vector<shard_actor>>>;

keeper_actor::behavior_type keeper(keeper_actor::pointer self, int) {
  return {[self](std::uint64_t parameters) {
    std::vector<shard_actor> shards;
    for (std::uint64_t at = 0; at < parameters; at += shard_size) {
      const auto size = std::min<std::uint64_t>(shard_size, parameters - at);
      shards.push_back(self->spawn(shard, static_cast<shard_id>(shards.size()),
                                   copy_of(std::vector<float>(size, 1.0f)), 1e-3, 0.0));
    }
    return shards;
  }};
}

struct networked : system_config {
  networked() : system_config{drive::real_time} { transport::configure(*this); }
};

/// Ports of the other process: actors without and with TLS, and raw echo.
struct ports {
  std::uint16_t plain = 0;
  std::uint16_t secure = 0;
  std::uint16_t raw = 0;
};

/// Writes all of it, whatever the socket's mode.
void put(int socket, const char* from, std::size_t size) {
  while (size > 0) {
    const auto written = ::send(socket, from, size, MSG_NOSIGNAL);
    if (written <= 0)
      std::abort();
    from += written;
    size -= static_cast<std::size_t>(written);
  }
}

/// Sends back what comes, until nothing does.
void echo(int listening) {
  const int socket = ::accept(listening, nullptr, nullptr);
  std::vector<char> buffer(1 << 18);
  for (ssize_t size; (size = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0;)
    put(socket, buffer.data(), static_cast<std::size_t>(size));
  ::close(socket);
}

int listening_socket(std::uint16_t& port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(socket, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(socket, 4) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    std::abort();
  port = ntohs(at.sin_port);
  return socket;
}

transport::transport_options options_of(const std::filesystem::path& folder, const char* name) {
  return {true, security::certificate_path(folder, name), security::key_path(folder, name),
          folder / "ca.pem", [](const std::string&) {}};
}

/// The other process: serves until `until` is closed.
[[noreturn]] void serve(const std::filesystem::path& folder, int to_parent, int until) {
  {
    networked config;
    caf::actor_system system{config};
    transport::gateway plain{system, {}};
    transport::gateway secure{system, options_of(folder, "ps")};
    const auto actor = system.spawn(keeper, 0);
    ports all;
    all.plain = *plain.publish(actor, {"127.0.0.1", 0});
    all.secure = *secure.publish(actor, {"127.0.0.1", 0});
    const int raw = listening_socket(all.raw);
    std::thread{[raw] { echo(raw); }}.detach();
    if (::write(to_parent, &all, sizeof all) != sizeof all)
      std::abort();
    char nothing = 0;
    while (::read(until, &nothing, 1) > 0) {
    }
    ::_exit(0); // its actors serve to the end
  }
}

/// A worker's side: pushes to all shards, waits for all blocks, and again, as often as asked.
struct pusher_state {
  std::vector<shard_actor> shards;
  std::vector<parameter_block> updates;
  std::vector<double>* seconds = nullptr; ///< of each commit
  std::uint64_t sequence = 0;
  int left = 0;
  std::size_t unanswered = 0;
  clock_type::time_point began;
  caf::response_promise done;
};

using pusher = caf::stateful_actor<pusher_state>;

void push_all(pusher* self) {
  auto& mine = self->state;
  mine.began = clock_type::now();
  mine.unanswered = mine.shards.size();
  ++mine.sequence;
  for (shard_id i = 0; i < mine.shards.size(); ++i)
    self->request(mine.shards[i], patience,
                  push{{0, 0, mine.sequence}, i, true, mine.updates[i], 0})
        .then([self](const fresh&) {
          auto& state = self->state;
          if (--state.unanswered > 0)
            return;
          state.seconds->push_back(
              std::chrono::duration<double>(clock_type::now() - state.began).count());
          if (--state.left > 0)
            push_all(self);
          else
            state.done.deliver(step_atom::value);
        });
}

caf::behavior pushing(pusher* self, std::vector<shard_actor> shards,
                      std::vector<parameter_block> updates, std::vector<double>* seconds) {
  self->state.shards = std::move(shards);
  self->state.updates = std::move(updates);
  self->state.seconds = seconds;
  return {[self](step_atom, int times) {
    self->state.left = times;
    self->state.done = self->make_response_promise();
    push_all(self);
    return self->state.done;
  }};
}

class committing {
public:
  committing(caf::actor_system& system, const keeper_actor& ps, std::uint64_t parameters)
      : self_{system} {
    std::vector<shard_actor> shards;
    self_->request(ps, patience, parameters)
        .receive([&](std::vector<shard_actor>& x) { shards = std::move(x); },
                 [](const caf::error&) { std::abort(); });
    std::vector<parameter_block> updates;
    for (std::uint64_t at = 0; at < parameters; at += shard_size)
      updates.push_back(
          copy_of(std::vector<float>(std::min<std::uint64_t>(shard_size, parameters - at), 1e-3f)));
    pusher_ = system.spawn(pushing, std::move(shards), std::move(updates), &seconds_);
  }
  ~committing() {
    self_->send_exit(pusher_, caf::exit_reason::user_shutdown);
    self_->wait_for(pusher_);
  }

  /// Seconds of each of so many commits.
  std::vector<double> commit(int times) {
    seconds_.clear();
    self_->request(pusher_, caf::infinite, step_atom::value, times)
        .receive([](step_atom) {}, [](const caf::error&) { std::abort(); });
    return seconds_;
  }

private:
  caf::scoped_actor self_;
  std::vector<double> seconds_; ///< written by the actor while this waits
  caf::actor pusher_;
};

/// Seconds for so many bytes there and back, both directions at a time.
double echo_once(int socket, std::vector<char>& bytes) {
  const auto began = clock_type::now();
  std::jthread writer{[&] { put(socket, bytes.data(), bytes.size()); }};
  static thread_local std::vector<char> back(1 << 18);
  for (std::size_t got = 0; got < bytes.size();) {
    const auto size = ::recv(socket, back.data(), back.size(), 0);
    if (size <= 0)
      std::abort();
    got += static_cast<std::size_t>(size);
  }
  return std::chrono::duration<double>(clock_type::now() - began).count();
}

double gbps(std::uint64_t parameters, double seconds) {
  return 2.0 * 4 * static_cast<double>(parameters) / seconds / 1e9;
}

double median(std::vector<double> x) {
  std::ranges::nth_element(x, x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2));
  return x[x.size() / 2];
}

void measure(const ports& to, const std::filesystem::path& folder) {
  networked config;
  caf::actor_system system{config};
  transport::gateway plain{system, {}};
  const auto ps = plain.connect<keeper_actor>({"127.0.0.1", to.plain});
  networked
      config_of_tls; // a process of its own for BASP: one connection to a peer is all it keeps
  caf::actor_system system_of_tls{config_of_tls};
  transport::gateway secure{system_of_tls, options_of(folder, "w")};
  const auto ps_by_tls = secure.connect<keeper_actor>({"127.0.0.1", to.secure});
  const int raw = transport::connect_socket("127.0.0.1", to.raw, patience);
  if (!ps || !ps_by_tls || raw < 0)
    std::abort();
  ::fcntl(raw, F_SETFL, ::fcntl(raw, F_GETFL) & ~O_NONBLOCK);
  std::string results;
  const auto result = [&](const std::string& name, double value, const char* unit) {
    results += fmt::format("RESULT {} {:.3f} {}\n", name, value, unit);
  };
  for (const auto& [label, parameters, turns] : {std::tuple{"1m", std::uint64_t{1} << 20, 21},
                                                 {"4m", std::uint64_t{1} << 22, 11},
                                                 {"16m", std::uint64_t{1} << 24, 5}}) {
    committing without{system, *ps, parameters};
    committing with{system_of_tls, *ps_by_tls, parameters};
    std::vector<char> bytes(4 * parameters);
    std::vector<double> times[3];
    for (int i = 0; i < turns + 3; ++i) {
      const double each[] = {median(without.commit(3)), median(with.commit(3)),
                             echo_once(raw, bytes)};
      for (std::size_t k = 0; i >= 3 && k < 3; ++k)
        times[k].push_back(each[k]);
    }
    const double plain_time = median(times[0]);
    const double tls_time = median(times[1]);
    const double raw_time = median(times[2]);
    fmt::print(
        "{:>3} parameters: actors {:.2f} GB/s, with TLS {:.2f}, raw TCP {:.2f} (both ways)\n",
        label, gbps(parameters, plain_time), gbps(parameters, tls_time),
        gbps(parameters, raw_time));
    std::fflush(stdout);
    result(fmt::format("wire_gbps_fp32_{}", label), gbps(parameters, plain_time), "GB/s");
    result(fmt::format("wire_ratio_raw_tcp_{}", label), raw_time / plain_time, "x");
    result(fmt::format("wire_ratio_tls_to_plain_{}", label), plain_time / tls_time, "x");
  }
  committing small{system, *ps, 1024};
  small.commit(100);
  result("commit_rtt_1k_ms", 1e3 * median(small.commit(2000)), "ms");
  fmt::print("{}", results);
  ::close(raw);
}

} // namespace

int main() {
  const auto folder =
      std::filesystem::temp_directory_path() / ("adsp-wire-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  security::issue_certificates({folder, {"ps", "w"}, 1, false}, std::chrono::system_clock::now());
  std::array<int, 2> told{};
  std::array<int, 2> until{};
  if (::pipe(told.data()) != 0 || ::pipe(until.data()) != 0)
    return 1;
  const auto child = ::fork();
  if (child == 0) {
    ::close(until[1]);
    serve(folder, told[1], until[0]);
  }
  ::close(until[0]);
  ports to;
  if (::read(told[0], &to, sizeof to) != sizeof to)
    return 1;
  measure(to, folder);
  ::close(until[1]);
  ::waitpid(child, nullptr, 0);
  std::filesystem::remove_all(folder);
}
