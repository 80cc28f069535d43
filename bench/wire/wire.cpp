// What commits cost between processes over loopback TCP: large ones beside the same bytes echoed by
// raw sockets, in half precision and with TLS, in turns in one run; small ones; and a thousand
// workers at a time.
#include "bench/wire/child.hpp"
#include "bench/wire/committer.hpp"
#include "bench/wire/raw_tcp.hpp"
#include "security/certificate_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>

namespace {

using namespace wire;
constexpr std::uint64_t small_model = 1024;

struct ports {
  std::uint16_t plain = 0;
  std::uint16_t secure = 0;
  std::uint16_t raw = 0;
};

transport::transport_options options_of(const std::filesystem::path& folder, const char* name) {
  return {true, security::certificate_path(folder, name), security::key_path(folder, name),
          folder / "ca.pem", [](const std::string&) {}};
}

/// A process with shards: says its ports, serves until it is told to end.
void serve(const std::filesystem::path& folder, line parent) {
  networked config;
  caf::actor_system system{config};
  transport::gateway plain{system, {}};
  transport::gateway secure{system, options_of(folder, "ps")};
  const auto keeper = spawn_keeper(system);
  parent.say(ports{*plain.publish(keeper, {"127.0.0.1", 0}),
                   *secure.publish(keeper, {"127.0.0.1", 0}), start_echo()});
  parent.hear<char>();
  line::end();
}

/// A process that reaches another one's shards.
struct client {
  client(const transport::transport_options& how, std::uint16_t port) : gateway{system, how} {
    if (auto found = gateway.connect<keeper_actor>({"127.0.0.1", port}))
      keeper = std::move(*found);
    else
      std::abort();
  }

  committer worker(std::uint64_t parameters, wire_format format) {
    const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(parameters, shard_size));
    return {system, next_number++, shards_of(system, keeper, parameters), size, format};
  }

  networked config;
  caf::actor_system system{config};
  transport::gateway gateway;
  keeper_actor keeper;
  worker_id next_number = 0;
};

double gbps(std::uint64_t parameters, double seconds) {
  return 2.0 * 4 * static_cast<double>(parameters) / seconds / 1e9;
}

void result(const std::string& name, double value, const char* unit) {
  fmt::print("RESULT {} {:.3f} {}\n", name, value, unit);
  std::fflush(stdout);
}

void measure_size(client& plain, client& secure, int raw, const std::string& label,
                  std::uint64_t parameters, int turns) {
  auto single = plain.worker(parameters, wire_format::fp32);
  auto half = plain.worker(parameters, wire_format::fp16);
  auto sealed = secure.worker(parameters, wire_format::fp32);
  const std::vector<char> bytes(4 * parameters);
  constexpr int warm_up = 3;
  std::array<std::vector<double>, 4> times;
  for (int i = -warm_up; i < turns; ++i) {
    const std::array each{median(single.commit(3)), median(half.commit(3)),
                          median(sealed.commit(3)), echo_once(raw, bytes)};
    for (std::size_t k = 0; i >= 0 && k < each.size(); ++k)
      times[k].push_back(each[k]);
  }
  const auto fp32 = median(times[0]);
  const auto fp16 = median(times[1]);
  const auto tls = median(times[2]);
  const auto tcp = median(times[3]);
  fmt::print("{} parameters, GB/s both ways: raw TCP {:.2f}, fp32 {:.2f}, fp32 with TLS {:.2f}; "
             "million parameters a second: fp32 {:.0f}, fp16 {:.0f}\n",
             label, gbps(parameters, tcp), gbps(parameters, fp32), gbps(parameters, tls),
             1e-6 * static_cast<double>(parameters) / fp32,
             1e-6 * static_cast<double>(parameters) / fp16);
  const auto suffix = label == "4m" ? std::string{} : "_" + label;
  result("wire_gbps_fp32_" + label, gbps(parameters, fp32), "GB/s");
  result("wire_ratio_raw_tcp_" + label, tcp / fp32, "x");
  result("wire_ratio_fp16_to_fp32" + suffix, fp32 / fp16, "x");
  result("wire_ratio_tls_to_plain" + suffix, fp32 / tls, "x");
}

/// One worker's process beside one with shards.
void measure_pair(const ports& to, const std::filesystem::path& folder) {
  client plain{{}, to.plain};
  client secure{options_of(folder, "w"), to.secure};
  secure.next_number = 1000; // on the same shards
  const int raw = connect_to_echo(to.raw);
  for (const auto& [label, parameters, turns] : {std::tuple{"1m", std::uint64_t{1} << 20, 21},
                                                 {"4m", std::uint64_t{1} << 22, 11},
                                                 {"16m", std::uint64_t{1} << 24, 5}})
    measure_size(plain, secure, raw, label, parameters, turns);
  auto small = plain.worker(small_model, wire_format::fp32);
  small.commit(100);
  result("commit_rtt_1k_ms", 1e3 * median(small.commit(2000)), "ms");
  line::end();
}

/// Workers of one process, each with a shard in both processes that have them.
void commit_in_a_crowd(line parent, worker_id first, std::size_t workers,
                       const std::array<ports, 2>& to) {
  networked config;
  caf::actor_system system{config};
  transport::gateway gateway{system, {}};
  std::vector<target> shards;
  for (const auto& each : to)
    for (auto& shard : shards_of(system, *gateway.connect<keeper_actor>({"127.0.0.1", each.plain}),
                                 small_model / 2))
      shards.push_back(shard);
  std::deque<committer> all;
  for (std::size_t i = 0; i < workers; ++i)
    all.emplace_back(system, first + static_cast<worker_id>(i), shards, small_model / 2,
                     wire_format::fp32);
  for (int commits = parent.hear<int>(); commits > 0; commits = parent.hear<int>()) {
    for (auto& each : all)
      each.begin(commits);
    std::vector<double> seconds;
    for (auto& each : all)
      std::ranges::copy(each.finish(), std::back_inserter(seconds));
    parent.say_all(seconds);
  }
  line::end();
}

/// A thousand workers in four processes, all of them committing all the time.
void measure_crowd(const std::filesystem::path& folder) {
  constexpr std::size_t processes = 4;
  constexpr std::size_t workers = 250;
  constexpr int commits = 40;
  const auto serving = [&](line parent) { serve(folder, parent); };
  const std::array<child, 2> servers{child{serving}, child{serving}};
  const std::array to{servers[0].talk().hear<ports>(), servers[1].talk().hear<ports>()};
  std::vector<std::unique_ptr<child>> crowd;
  for (std::size_t i = 0; i < processes; ++i)
    crowd.push_back(std::make_unique<child>([&](line parent) {
      commit_in_a_crowd(parent, static_cast<worker_id>(i * workers), workers, to);
    }));
  const auto all = [&](int times) {
    for (const auto& each : crowd)
      each->talk().say(times);
    std::vector<double> seconds;
    for (const auto& each : crowd)
      std::ranges::copy(each->talk().hear_all(), std::back_inserter(seconds));
    return seconds;
  };
  all(5);
  const auto began = std::chrono::steady_clock::now();
  const auto seconds = all(commits);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
  result("wire_crowd_commits_per_s", static_cast<double>(seconds.size()) / passed.count(), "1/s");
  result("wire_crowd_p99_ms", 1e3 * quantile(seconds, 0.99), "ms");
  for (const auto& each : crowd)
    each->talk().say(0);
  for (const auto& each : servers)
    each.talk().say('.');
}

/// Reads KEY=VALUE, for instance scheduler.policy='stealing'.
bool take_setting(const std::string& text) {
  const auto equals = text.find('=');
  auto value = caf::config_value::parse(equals == std::string::npos ? std::string{}
                                                                    : text.substr(equals + 1));
  if (!value)
    fmt::print(stderr, "bench wire: found \"{}\", expected KEY=VALUE, a setting of CAF\n", text);
  else
    caf_settings.emplace_back(text.substr(0, equals), std::move(*value));
  return static_cast<bool>(value);
}

} // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (!take_setting(argv[i]))
      return 2;
  auto name = (std::filesystem::temp_directory_path() / "adsp-wire-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return 1;
  const std::filesystem::path folder{name};
  adsp::security::issue_certificates({folder, {"ps", "w"}, 1, false},
                                     std::chrono::system_clock::now());
  {
    const child server{[&](line parent) { serve(folder, parent); }};
    const auto to = server.talk().hear<ports>();
    {
      const child worker{[&](line) { measure_pair(to, folder); }};
    }
    server.talk().say('.');
  }
  measure_crowd(folder);
  std::filesystem::remove_all(folder);
}
