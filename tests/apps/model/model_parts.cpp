// The parts of a model file by themselves: they come back, and whatever their lengths say, nothing
// beyond their bytes is read or taken memory for. The options come back from their text.
#include "apps/model/model_parts.hpp"
#include "apps/config/model_text.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace adsp;
using namespace adsp::apps;

namespace {

std::string two_parts() {
  std::string bytes;
  append_part(bytes, "a", "first");
  append_part(bytes, "tensor w", tensor_bytes({"w", {2, 3}}, std::vector<float>{1, 2, 3, 4, 5, 6}));
  return bytes;
}

/// The bytes with a number of 64 bits in place of those at `at`.
std::string with(std::string bytes, std::size_t at, std::uint64_t number) {
  for (std::size_t i = 0; i < 8; ++i)
    bytes[at + i] = static_cast<char>(number >> (8 * i));
  return bytes;
}

std::string mistake_in(const std::string& text) try {
  settings_from(text);
  return "";
} catch (const std::runtime_error& error) {
  return error.what();
}

} // namespace

TEST_CASE("parts and tensors come back as they were") {
  const auto bytes = two_parts();
  const auto parts = split_parts(bytes);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].first == "a");
  CHECK(parts[0].second == "first");
  CHECK(parts[1].first == "tensor w");
  std::vector<float> numbers{9};
  CHECK(read_tensor(parts[1].second, numbers) == std::vector<std::ptrdiff_t>{2, 3});
  CHECK(numbers == std::vector<float>{9, 1, 2, 3, 4, 5, 6});
  CHECK(split_parts("").empty());
}

TEST_CASE("parts that end too early or lie about their length are refused") {
  const auto bytes = two_parts();
  const auto first = std::size_t{4 + 1 + 8 + 5};
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    CAPTURE(size);
    if (size != first)
      CHECK_THROWS_AS(split_parts(bytes.substr(0, size)), std::runtime_error);
  }
  for (const auto length : {std::uint64_t{6}, std::uint64_t{1} << 40, ~std::uint64_t{0}})
    CHECK_THROWS_AS(split_parts(with(bytes, 5, length)), std::runtime_error);
}

TEST_CASE("a tensor whose extents are not those of its numbers is refused") {
  const auto tensor = tensor_bytes({"w", {2, 3}}, std::vector<float>(6));
  std::vector<float> numbers;
  for (std::size_t size = 0; size < tensor.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(read_tensor(tensor.substr(0, size), numbers), std::runtime_error);
  }
  CHECK_THROWS_AS(read_tensor(tensor + "more", numbers), std::runtime_error);
  for (const auto extent :
       {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{1} << 62, ~std::uint64_t{0}})
    CHECK_THROWS_AS(read_tensor(with(tensor, 4, extent), numbers), std::runtime_error);
  auto ranks = tensor;
  ranks[3] = 1; // 2^24 + 2 extents
  CHECK_THROWS_AS(read_tensor(ranks, numbers), std::runtime_error);
  CHECK(numbers.empty());
}

TEST_CASE(
    "options come back from their text; what an older program has not written has its default") {
  model_settings x;
  x.data.source = "csv";
  x.data.path = "t \"1\".csv";
  x.data.target = "y";
  x.data.missing = "drop";
  x.data.train_share = 0.1;
  x.model.kind = "layers";
  x.model.layers = {{.kind = "dense", .units = 3, .initialiser = "truncated_normal"},
                    {.kind = "dropout", .rate = 0.1, .initialiser = {}}};
  const auto text = to_toml(x);
  const auto again = settings_from(text);
  CHECK(to_toml(again) == text);
  CHECK(again.data.path == "t \"1\".csv");
  CHECK(again.data.missing == "drop");
  CHECK(again.data.train_share == 0.1);
  CHECK(again.model.layers[0].initialiser == "truncated_normal");
  CHECK(again.model.layers[1].rate == 0.1);
  const auto old = settings_from("[data]\nsource = \"libsvm\"\npath = \"x\"\n");
  CHECK(old.data.path == "x");
  CHECK(old.data.task == "classification");
  CHECK(old.data.train_share == 6.0 / 7);
  CHECK(old.model.kind == "mlp");
}

TEST_CASE("a text with other keys, values or tables is refused with its key") {
  CHECK(mistake_in("[data]\nsource = \"fashion-mnist\"\nfuture = 3\n").find("data.future") == 0);
  CHECK(mistake_in("[data]\nsource = \"none\"\n").find("data.source: found") == 0);
  CHECK(mistake_in("[model]\nkind = 3\n").find("model.kind: found") == 0);
  CHECK(mistake_in("[future]\n").find("future") == 0);
  CHECK(!mistake_in("[data\n").empty());
  CHECK(mistake_in("").empty());
}
