// The keys of [model] and of its list of layers.
#include "apps/config/key_forms.hpp"
#include "apps/config/layer_keys.hpp"
#include "apps/config/tables.hpp"
#include "learning/layers/make_layer.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace adsp::apps {

namespace {

using model_options = learning::model_options;
using layer_options = learning::layer_options;

template <class Member>
key_kind form_of(Member) {
  using value = std::decay_t<decltype(std::declval<layer_options>().*std::declval<Member>())>;
  if constexpr (std::is_same_v<value, std::string>)
    return key_kind::word;
  else if constexpr (std::is_same_v<value, bool>)
    return key_kind::flag;
  else if constexpr (std::is_same_v<value, double>)
    return key_kind::number;
  else
    return key_kind::whole;
}

/// The value as TOML; empty if the choice is left open.
std::string value_text(const layer_options& from, const learning::layer_key& one) {
  return std::visit(
      [&](auto member) -> std::string {
        const auto& value = from.*member;
        using type = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<type, std::string>)
          return value.empty() ? "" : toml_text(value);
        else if constexpr (std::is_same_v<type, bool>)
          return value ? "true" : "false";
        else if constexpr (std::is_same_v<type, double>)
          return toml_number(value);
        else
          return std::to_string(value);
      },
      one.member);
}

/// A key of a layer for writing and documentation; `read_layer` reads all keys together.
key<layer_options> layer_key_of(const learning::layer_key& one) {
  key<layer_options> x;
  x.name = one.name;
  x.sentence = one.sentence;
  x.kind = std::visit([](auto member) { return form_of(member); }, one.member);
  x.limits = {one.low, std::min(one.high, any.high), one.open_low, one.open_high};
  x.words.assign(one.words.begin(), one.words.end());
  std::vector<std::string> kinds;
  for (const auto& kind : learning::layer_kinds())
    if (kind.reads(one.name))
      kinds.emplace_back(kind.name);
  x.when.push_back({"kind", kinds});
  if (!one.initialiser.empty())
    x.when.push_back({"initialiser", {std::string{one.initialiser}}});
  x.write = [one](const layer_options& from) { return value_text(from, one); };
  x.read = [](table_reader&, layer_options&) {}; // read_layer reads all of them
  x.initial = x.write(layer_options{});
  const bool needed = std::ranges::any_of(learning::layer_kinds(), [&](const auto& kind) {
    return std::ranges::find(kind.needs, one.name) != kind.needs.end();
  });
  if (x.initial.empty())
    x.absent = "as the next layer needs it";
  else if (needed)
    return std::move(x).left_out("a mistake");
  return x;
}

std::vector<key<layer_options>> layer_keys_of_all() {
  std::vector<std::string> kinds;
  for (const auto& kind : learning::layer_kinds())
    kinds.emplace_back(kind.name);
  std::vector<key<layer_options>> all{
      keys::word("kind", &layer_options::kind, kinds, "What the layer does.")
          .left_out("a mistake")};
  for (const auto& one : learning::layer_keys())
    all.push_back(layer_key_of(one));
  return all;
}

std::string wrong_hidden(const model_options& options) {
  return options.hidden.empty() && (options.kind == "mlp" || options.kind == "lstm")
             ? "found [], expected at least one layer; model.kind = \"softmax\" has none"
             : "";
}

std::string wrong_layers(const model_options& options) {
  return options.kind == "layers" && options.layers.empty()
             ? "model.kind = \"layers\" needs a list of them, [[model.layer]]"
             : "";
}

key<model_options> layers_key() {
  auto x = keys::tables("layer", &model_options::layers, layer_keys_of_all(),
                        "One table for each layer, in order; the layer to the outputs is added.")
               .only_with("kind", {"layers"})
               .checked(wrong_layers);
  x.example = "[{ kind = \"dense\", units = 3 }]";
  x.read = [](table_reader& t, model_options& into) {
    t.tables("layer", [&](table_reader& one) { read_layer(one, into.layers.emplace_back()); });
  };
  return x;
}

std::vector<key<model_options>> model_keys() {
  using namespace keys;
  const std::vector<std::string> networks = {"softmax", "mlp",        "cnn",   "cifar_cnn",
                                             "lstm",    "linear_svm", "layers"};
  auto kinds = networks;
  kinds.insert(kinds.end() - 1, "quadratic");
  return {
      word("kind", &model_options::kind, kinds,
           "The model; \"softmax\" has no hidden layer, \"layers\" uses the list "
           "[[model.layer]]."),
      whole_list("hidden", &model_options::hidden, {1, 65536},
                 "Units of each hidden layer; with \"lstm\" first those of the LSTM, then those "
                 "of the layers above it.")
          .only_with("kind", {"mlp", "lstm"})
          .checked(wrong_hidden),
      number("condition", &model_options::condition, {1, 1e9}, "Largest over smallest curvature.")
          .only_with("kind", {"quadratic"}),
      number("weight_decay", &model_options::weight_decay, any, "L2 penalty on weights.")
          .only_with("kind", networks),
      word("loss", &model_options::loss,
           {"cross_entropy", "hinge", "crammer_singer", "squared", "huber"},
           "The loss that training minimises.")
          .only_with("kind", networks)
          .left_out("the kind's own"),
      layers_key(),
  };
}

} // namespace

config_table model_table() {
  return {"model", "What is trained, see docs/models.md.",
          within<job>(
              [](auto& plan) -> auto& { return plan.model; }, model_keys())};
}

} // namespace adsp::apps
