// The bytes of every message, compared with those that are written down for this version of the
// protocol: nodes of one version must understand each other whenever they were built.
#include "tests/messages/samples.hpp"

#include "actors/clock/system_config.hpp"
#include "messages/wire_names.hpp"

#include <caf/actor_system.hpp>
#include <caf/binary_serializer.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

using namespace adsp;

namespace {

using sample_list = decltype(test::samples());

template <class T>
struct is_handle : std::false_type {};
template <class... Ts>
struct is_handle<caf::typed_actor<Ts...>> : std::true_type {};
template <>
struct is_handle<work> : std::true_type {}; // it holds little else

template <class T>
constexpr bool has_sample = []<class... Samples>(std::type_identity<std::tuple<Samples...>>) {
  return (std::is_same_v<T, Samples> || ...);
}(std::type_identity<sample_list>{});

/// Handles of actors, and `work` with them, are CAF's to write; everything else that protocol.hpp lists has a sample.
template <std::size_t... Numbers>
constexpr bool every_message_has_a_sample(std::index_sequence<Numbers...>) {
  using ids = caf::id_block::adsp;
  return ((is_handle<typename caf::type_by_id<ids::begin + Numbers>::type>::value ||
           has_sample<typename caf::type_by_id<ids::begin + Numbers>::type>)&&...);
}

constexpr std::size_t message_types = caf::id_block::adsp::end - caf::id_block::adsp::begin;
static_assert(every_message_has_a_sample(std::make_index_sequence<message_types>{}),
              "a message of protocol.hpp has no sample in tests/messages/samples.hpp");

template <class T>
concept has_wire_name = requires {
  caf::type_name<T>::value;
};

template <class T>
std::string hex_of(T x) {
  std::vector<char> bytes;
  caf::binary_serializer sink{nullptr, bytes};
  REQUIRE_FALSE(sink(x));
  std::string text;
  for (const char byte : bytes)
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

/// One line a sample, in their order: "adsp::join 0670692d33...".
std::vector<std::string> lines_of_samples() {
  std::vector<std::string> lines{fmt::format("protocol {}", protocol_version)};
  const auto add = [&]<class T>(const T& x) {
    if constexpr (has_wire_name<T>)
      lines.push_back(fmt::format("{} {}", caf::type_name<T>::value, hex_of(x)));
  };
  std::apply([&](const auto&... x) { (add(x), ...); }, test::samples());
  return lines;
}

std::vector<std::string> lines_of_file() {
  std::ifstream file{ADSP_GOLDEN_WIRE};
  REQUIRE(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  return lines;
}

/// An inspector that looks for two fields of one type with one value: in such a sample they can
/// change places unseen.
struct distinct_fields {
  template <class... Ts>
  bool operator()(const Ts&... fields) {
    return all_distinct(fields...);
  }

private:
  static bool all_distinct() { return true; }

  template <class First, class... Rest>
  static bool all_distinct(const First& first, const Rest&... rest) {
    return (differ(first, rest) && ...) && all_distinct(rest...);
  }

  template <class First, class Second>
  static bool differ(const First& first, const Second& second) {
    if constexpr (std::is_same_v<First, Second>)
      return !(first == second);
    else
      return true;
  }
};

} // namespace

TEST_CASE("the bytes of every message are those of this version of the protocol") {
  const auto expected = lines_of_file();
  const auto found = lines_of_samples();
  INFO("after a change that is wanted raise protocol_version, once a release, and put the lines "
       "that differ into " ADSP_GOLDEN_WIRE);
  for (std::size_t i = 0; i < std::max(expected.size(), found.size()); ++i)
    CHECK((i < found.size() ? found[i] : "") == (i < expected.size() ? expected[i] : ""));
}

TEST_CASE("no two fields of a sample can change places unseen") {
  const auto check = []<class T>(T x) {
    if constexpr (requires(distinct_fields f) { inspect(f, x); }) {
      distinct_fields f;
      INFO(std::string{typeid(T).name()});
      CHECK(inspect(f, x));
    }
  };
  std::apply([&](const auto&... x) { (check(x), ...); }, test::samples());
}

TEST_CASE("types have on the wire the names that CAF sends") {
  system_config config{drive::virtual_time};
  caf::actor_system system{config};
  const auto sent = [&](caf::message message) {
    std::vector<char> bytes;
    caf::binary_serializer sink{system, bytes};
    REQUIRE_FALSE(sink(message));
    return std::string{bytes.begin(), bytes.end()};
  };
  CHECK(types_on_wire<push> == "+adsp::push");
  CHECK(types_on_wire<join, worker_actor> == "+adsp::join+adsp::worker_actor");
  CHECK(sent(caf::make_message(push{})).find(types_on_wire<push>) != std::string::npos);
  CHECK(sent(caf::make_message(dropped_atom::value, caf::node_id{}))
            .find(types_on_wire<dropped_atom, caf::node_id>) != std::string::npos);
  CHECK(sent(caf::make_message(stop_atom::value, std::string{"why"}))
            .find(types_on_wire<stop_atom, std::string>) != std::string::npos);
}
