// The bytes of every message, compared with those that are written down for this version of the
// protocol: nodes of one version must understand each other whenever they were built.
#include "tests/messages/samples.hpp"

#include "actors/clock/system_config.hpp"
#include "messages/wire_names.hpp"

#include <caf/actor_system.hpp>
#include <caf/binary_serializer.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

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
constexpr bool has_sample =
    []<class... Samples>(std::type_identity<std::tuple<test::sample<Samples>...>>) {
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

/// "adsp::join 0670692d33..."; without a name what travels only inside other messages.
template <class T>
std::string on_wire(const T& message) {
  if constexpr (has_wire_name<T>)
    return fmt::format("{} {}", caf::type_name<T>::value, hex_of(message));
  else
    return hex_of(message);
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
  INFO("after a change that is wanted raise protocol_version and version_of_samples, once a "
       "release, and copy what is printed into samples.hpp; `./dev format` breaks its lines");
  CHECK(protocol_version == test::version_of_samples);
  const auto check = [](const auto& sample) {
    const auto found = on_wire(sample.value);
    CHECK_MESSAGE(found == std::string{sample.on_wire}, "copy \"" << found << "\"");
  };
  std::apply([&](const auto&... sample) { (check(sample), ...); }, test::samples());
}

TEST_CASE("no two fields of a sample can change places unseen") {
  const auto check = []<class T>(T x) {
    if constexpr (requires(distinct_fields f) { inspect(f, x); }) {
      distinct_fields f;
      INFO(std::string{typeid(T).name()});
      CHECK(inspect(f, x));
    }
  };
  std::apply([&](const auto&... sample) { (check(sample.value), ...); }, test::samples());
}

TEST_CASE("types have on the wire the names that CAF sends") {
  system_config config{drive::virtual_time};
  caf::actor_system system{config};
  const auto sent = [&](const caf::message& message) {
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
