// Every message survives CAF's bytes, and hostile bytes are an error: no crash and no
// allocation beyond what the input can hold.
#include "tests/messages/blocks/largest_allocation.hpp"
#include "tests/messages/samples.hpp"

#include "messages/protocol.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <doctest/doctest.h>

#include <random>
#include <typeinfo>

namespace {

using bytes = std::vector<char>;

/// What a small input may make the reader allocate at once: a container doubles, and needs
/// some fixed overhead.
constexpr std::size_t allowance = 1 << 19;

template <class T>
bytes write(const T& x) {
  bytes out;
  caf::binary_serializer sink{nullptr, out};
  auto copy = x;
  REQUIRE(sink(copy) == caf::none);
  return out;
}

/// Whether `in` was read as a T without error.
template <class T>
bool read(const bytes& in, T& x) {
  caf::binary_deserializer source{nullptr, in};
  return source(x) == caf::none;
}

template <class F>
void for_every_message(F f) {
  std::apply([&](const auto&... x) { (f(x.value), ...); }, adsp::test::samples());
}

} // namespace

TEST_CASE("every message comes back equal") {
  for_every_message([]<class T>(const T& sent) {
    CAPTURE(std::string{typeid(T).name()});
    T received;
    CHECK(read(write(sent), received));
    CHECK(received == sent);
  });
}

TEST_CASE("a truncated message is an error") {
  for_every_message([]<class T>(const T& sent) {
    CAPTURE(std::string{typeid(T).name()});
    const auto whole = write(sent);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      T received;
      CHECK_FALSE(read(bytes(whole.begin(), whole.begin() + size), received));
    }
  });
}

TEST_CASE("hostile bytes allocate little") {
  std::mt19937 random{1};
  for_every_message([&]<class T>(const T& sent) {
    CAPTURE(std::string{typeid(T).name()});
    const auto good = write(sent);
    for (int round = 0; round < 300; ++round) {
      auto hostile = good;
      if (round % 3 == 0) { // random bytes
        hostile.resize(1 + random() % 256);
        for (auto& x : hostile)
          x = static_cast<char>(random());
      } else if (round % 3 == 1) { // one byte changed
        hostile[random() % hostile.size()] = static_cast<char>(random());
      } else { // a huge number somewhere
        const auto first = random() % hostile.size();
        for (auto i = first; i < std::min(hostile.size(), first + 8); ++i)
          hostile[i] = static_cast<char>(0xff);
      }
      T received;
      adsp::test::largest_allocation = 0;
      read(hostile, received); // either answer is right; the process has to live
      CHECK(adsp::test::largest_allocation <= allowance);
    }
  });
}

TEST_CASE("a block of 4 GB announced in few bytes is refused by name") {
  const bytes hostile{'\xff', '\xff', '\xff', '\xff', 0, 0, 0, 0};
  adsp::parameter_block x;
  caf::binary_deserializer source{nullptr, hostile};
  const auto error = source(x);
  CHECK(error == adsp::ec::bad_bytes);
  CHECK(adsp::to_text(error).find("announces") != std::string::npos);
}

TEST_CASE("a whole message keeps its blocks uncopied inside the process") {
  const auto block = adsp::test::sample_block();
  const auto message = caf::make_message(adsp::push{{}, 0, true, block});
  CHECK(message.get_as<adsp::push>(0).update.plain().values().data() == block.values().data());
}

TEST_CASE("errors read as one line that says what happened") {
  CHECK(adsp::to_text(make_error(adsp::ec::name_taken, "pi-3")) ==
        "another one has this name: pi-3");
  CHECK(adsp::to_text(caf::sec::request_timeout) == "no answer in time");
  CHECK(adsp::to_text(caf::sec::invalid_argument) == "actor system: invalid_argument");
  CHECK(adsp::to_text({}) == "no error");
}
