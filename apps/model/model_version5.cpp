#include "apps/model/model_version5.hpp"

#include "apps/config/model_text.hpp"
#include "apps/model/model_parts.hpp"
#include "apps/model/prepared_archive.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <stdexcept>

namespace adsp::apps {

namespace {

constexpr std::string_view tensor_prefix = "tensor ";

/// Input, classes and what the last evaluation found.
std::string trained_text(const saved_model& x) {
  return fmt::format("input = [{}, {}, {}]\nclasses = {}\nsteps = {}\nloss = {}\naccuracy = {}\n",
                     x.input.height, x.input.width, x.input.channels, x.classes, x.steps, x.loss,
                     x.accuracy);
}

void read_trained(std::string_view text, saved_model& x) {
  const auto table = toml::parse(text);
  const auto number = [&](const char* key) {
    const auto value = table[key].value<double>();
    if (!value)
      throw std::runtime_error{fmt::format("no number {}", key)};
    return *value;
  };
  const auto whole = [](const auto& node) {
    const auto value = node.template value<std::int64_t>();
    if (!value)
      throw std::runtime_error{"input, classes and steps are not all whole numbers"};
    return *value;
  };
  x.input = {whole(table["input"][0]), whole(table["input"][1]), whole(table["input"][2])};
  x.classes = static_cast<std::int32_t>(std::clamp<std::int64_t>(
      whole(table["classes"]), -1, std::numeric_limits<std::int32_t>::max()));
  x.steps = static_cast<std::uint64_t>(whole(table["steps"]));
  x.loss = number("loss");
  x.accuracy = number("accuracy");
}

std::string prepared_bytes(const learning::preprocessing& x) {
  std::ostringstream out{std::ios::binary};
  cereal::PortableBinaryOutputArchive{out}(x);
  return std::move(out).str();
}

void read_prepared(std::string_view bytes, learning::preprocessing& x) {
  std::istringstream in{std::string{bytes}, std::ios::binary};
  cereal::PortableBinaryInputArchive{in}(x);
}

} // namespace

std::string version5_of(const saved_model& x) {
  std::string payload;
  append_part(payload, "settings", to_toml(model_settings{x.data, x.model}));
  append_part(payload, "trained", trained_text(x));
  append_part(payload, "prepared", prepared_bytes(x.prepared));
  std::span<const float> rest = x.parameters;
  for (const auto& each : x.tensors) {
    if (each.size() > rest.size())
      throw std::runtime_error{"the model has fewer parameters than its tensors"};
    append_part(payload, std::string{tensor_prefix} + each.name,
                tensor_bytes(each, rest.first(each.size())));
    rest = rest.subspan(each.size());
  }
  if (!rest.empty()) {
    const learning::tensor all{"parameters", {static_cast<std::ptrdiff_t>(rest.size())}};
    append_part(payload, std::string{tensor_prefix} + all.name, tensor_bytes(all, rest));
  }
  return payload;
}

saved_model read_version5(std::string_view payload) {
  saved_model x;
  for (const auto& [name, bytes] : split_parts(payload)) {
    if (name == "settings") {
      auto settings = settings_from(bytes);
      x.data = std::move(settings.data);
      x.model = std::move(settings.model);
    } else if (name == "trained") {
      read_trained(bytes, x);
    } else if (name == "prepared") {
      read_prepared(bytes, x.prepared);
    } else if (name.starts_with(tensor_prefix)) {
      auto extents = read_tensor(bytes, x.parameters);
      x.tensors.push_back({std::string{name.substr(tensor_prefix.size())}, std::move(extents)});
    } else {
      throw std::runtime_error{"it has a part that this program does not know"};
    }
  }
  return x;
}

} // namespace adsp::apps
