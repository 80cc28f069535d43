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

/// Input, classes and the results of the last evaluation.
std::string trained_text(const saved_model& saved) {
  return fmt::format("input = [{}, {}, {}]\nclasses = {}\nsteps = {}\nloss = {}\naccuracy = {}\n",
                     saved.input.height, saved.input.width, saved.input.channels, saved.classes,
                     saved.steps, saved.loss, saved.accuracy);
}

void read_trained(std::string_view text, saved_model& saved) {
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
  saved.input = {whole(table["input"][0]), whole(table["input"][1]), whole(table["input"][2])};
  saved.classes = static_cast<std::int32_t>(std::clamp<std::int64_t>(
      whole(table["classes"]), -1, std::numeric_limits<std::int32_t>::max()));
  saved.steps = static_cast<std::uint64_t>(whole(table["steps"]));
  saved.loss = number("loss");
  saved.accuracy = number("accuracy");
}

std::string prepared_bytes(const learning::preprocessing& prepared) {
  std::ostringstream out{std::ios::binary};
  cereal::PortableBinaryOutputArchive{out}(prepared);
  return std::move(out).str();
}

void read_prepared(std::string_view bytes, learning::preprocessing& prepared) {
  std::istringstream in{std::string{bytes}, std::ios::binary};
  cereal::PortableBinaryInputArchive{in}(prepared);
}

} // namespace

std::string version5_of(const saved_model& saved) {
  std::string payload;
  append_part(payload, "settings", to_toml(model_settings{saved.data, saved.model}));
  append_part(payload, "trained", trained_text(saved));
  append_part(payload, "prepared", prepared_bytes(saved.prepared));
  std::span<const float> rest = saved.parameters;
  for (const auto& each : saved.tensors) {
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
