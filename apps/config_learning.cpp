// [data], [model] and [optimizer] of a config.
#include "apps/config_parts.hpp"

#include <fmt/format.h>

namespace adsp::apps {

namespace {

void read_data(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "data", log), "data", log};
  auto& data = x.data;
  const std::vector<std::string> sources = {"fashion-mnist", "idx", "csv", "series", "quadratic"};
  if (const auto i = t.choice("source", sources))
    data.source = sources[*i];
  t.text("path", data.path);
  if (const auto i = t.choice("partition", {"iid", "dirichlet"}))
    data.partition = *i == 0 ? "iid" : "dirichlet";
  t.number("alpha", data.alpha, {1e-3, 1e6});
  t.whole("samples", data.samples, {1, 1e8});
  t.whole("dimensions", data.dimensions, {1, 1e6});
  t.number("noise", data.noise, any);
  t.whole("train_limit", data.train_limit, count_of_32_bits);
  t.whole("test_limit", data.test_limit, count_of_32_bits);
  t.text("target", data.target);
  t.text_list("features", data.features);
  t.whole("window", data.window, {1, 65536});
  t.whole("bins", data.bins, {2, 65536});
  t.number("train_share", data.train_share, {0, 1, true, true});
  t.finish();
  if (data.path.empty() && data.source == "idx")
    t.complain("path", "data.source = \"idx\" needs the folder of the four IDX files");
  if (data.path.empty() && (data.source == "csv" || data.source == "series"))
    t.complain("path",
               fmt::format("data.source = \"{}\" needs the file of the numbers", data.source));
  if (data.target.empty() && data.source == "csv")
    t.complain("target", "data.source = \"csv\" needs the name of the column to predict");
  if (data.bins % 2 != 0)
    t.complain("bins", fmt::format("found {}, expected an even number: half of the bins are below "
                                   "the mean",
                                   data.bins));
}

void read_model(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "model", log), "model", log};
  const std::vector<std::string> kinds = {"softmax", "mlp", "lstm", "linear_svm", "quadratic"};
  if (const auto i = t.choice("kind", kinds))
    x.model.kind = kinds[*i];
  t.whole_list("hidden", x.model.hidden, {1, 65536});
  t.number("condition", x.model.condition, {1, 1e9});
  t.number("weight_decay", x.model.weight_decay, any);
  t.finish();
  if (x.model.hidden.empty() && (x.model.kind == "mlp" || x.model.kind == "lstm"))
    t.complain("hidden",
               "found [], expected at least one layer; model.kind = \"softmax\" has none");
}

void read_optimizer(const toml::table& root, job& x, config_log& log) {
  table_reader t{section(root, "optimizer", log), "optimizer", log};
  t.number("learning_rate", x.optimizer.learning_rate, positive);
  t.number("momentum", x.optimizer.momentum, {0, 1, false, true});
  t.number("decay", x.optimizer.decay, {0, 1, true});
  t.whole("decay_every", x.optimizer.decay_every, exact_count);
  t.whole("batch_size", x.optimizer.batch_size, {1, 1e6});
  t.finish();
}

} // namespace

void read_learning(const toml::table& root, job& x, config_log& log) {
  read_data(root, x, log);
  read_model(root, x, log);
  read_optimizer(root, x, log);
}

} // namespace adsp::apps
