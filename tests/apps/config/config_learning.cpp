// [data], [model] and [optimizer] of a config: read, checked, written, read back equal.
#include "apps/config/config.hpp"
#include "learning/data/sources/data_source.hpp"
#include "tests/apps/config/sound_config.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace adsp;
using namespace adsp::apps;

TEST_CASE("the keys of the data come back as they were") {
  const auto read = parse_config(good + R"([data]
source = "csv"
path = "table.csv"
target = "y"
header = false
delimiter = "\t"
task = "classification"
missing = "mean"
one_hot = ["a", "b"]
scale = "minmax"
class_weights = "balanced"
)",
                                 "x.toml", {});
  REQUIRE(read.errors.empty());
  const auto again = parse_config(to_toml(read.value), "y.toml", {});
  REQUIRE(again.errors.empty());
  CHECK(to_toml(again.value) == to_toml(read.value));
  const auto& data = again.value.data;
  CHECK(!data.header);
  CHECK(data.delimiter == "\t");
  CHECK(data.task == "classification");
  CHECK(data.missing == "mean");
  CHECK(data.one_hot == std::vector<std::string>{"a", "b"});
  CHECK(data.scale == "minmax");
  CHECK(data.class_weights == "balanced");
  CHECK(parse_config(good, "x.toml", {}).value.data.task == "bins");
  CHECK(parse_config(good + "[data]\nsource = \"libsvm\"\npath = \"x\"\n", "x.toml", {})
            .value.data.task == "classification");
}

TEST_CASE("data that cannot be") {
  const auto has = [](const std::string& lines, const std::string& text) {
    const auto found = errors_with("[data]\n" + lines);
    CAPTURE(found);
    CHECK(found.find(text) != std::string::npos);
  };
  const std::string csv = "source = \"csv\"\npath = \"x\"\ntarget = \"y\"\n";
  has("source = \"cifar10\"\n", "data.path: is empty; data.source = \"cifar10\" needs the folder");
  has("source = \"libsvm\"\n",
      "data.path: is empty; data.source = \"libsvm\" needs the file of the "
      "numbers: write it here or add --set data.path=PATH to the command");
  has(csv + "delimiter = \";;\"\n", "data.delimiter: expected one character");
  has(csv + "task = \"guess\"\n", "expected one of bins, classification, regression");
  has(csv + "task = \"regression\"\npartition = \"dirichlet\"\n", "which needs classes");
  has(csv + "task = \"regression\"\nclass_weights = \"balanced\"\n", "which needs classes");
  has("augment = [\"turn\"]\n", "data.augment: found \"turn\", expected \"flip\" or");
  has("augment = [\"shift:65\"]\n", "data.augment: found \"shift:65\"");
  CHECK(errors_with("[data]\naugment = [\"flip\", \"shift:2\"]\n").empty());
}

TEST_CASE("an accuracy to reach needs classes") {
  const std::string aim = "[evaluation]\ntarget_accuracy = 0.9\n";
  const std::string table = "[data]\nsource = \"csv\"\npath = \"x\"\ntarget = \"y\"\n";
  CHECK(errors_with(aim + table + "task = \"regression\"\n") ==
        "x.toml:11: evaluation.target_accuracy: found 0.9, which needs classes; expected "
        "evaluation.target_loss for data.task = \"regression\"\n");
  CHECK(errors_with(aim + "[data]\nsource = \"quadratic\"\n").find("data.source = \"quadratic\"") !=
        std::string::npos);
  CHECK(errors_with(aim + table + "task = \"classification\"\n").empty());
  CHECK(errors_with(aim + table).empty());
  CHECK(errors_with(aim).empty());
}

TEST_CASE("data of numbers and its models: read, checked, written, read back equal") {
  const auto text = good + R"([data]
source = "csv"
path = "table.csv"
target = "the \"cost\""
features = ["a", "b, c", "\u00e9"]
bins = 6
train_share = 0.1
[model]
kind = "linear_svm"
)";
  const auto first = parse_config(text, "x.toml", {});
  REQUIRE(first.errors.empty());
  const auto second = parse_config(to_toml(first.value), "written.toml", {});
  REQUIRE(second.errors.empty());
  CHECK(to_toml(second.value) == to_toml(first.value));
  const auto& data = second.value.data;
  CHECK(data.source == "csv");
  CHECK(data.target == "the \"cost\"");
  CHECK(data.features == std::vector<std::string>{"a", "b, c", "\u00e9"});
  CHECK(data.bins == 6);
  CHECK(data.train_share == 0.1);
  CHECK(second.value.model.kind == "linear_svm");
  const auto series =
      parse_config(good, "x.toml", {"data.source=series", "data.path=list.txt", "model.kind=lstm"});
  REQUIRE(series.errors.empty());
  CHECK(parse_config(to_toml(series.value), "y.toml", {}).value.model.kind == "lstm");
  CHECK(parse_config(to_toml(series.value), "y.toml", {}).value.data.train_share == 6.0 / 7);
}

TEST_CASE("mistakes in data of numbers and its models") {
  const auto wrong = [](const std::string& set, const std::string& expected) {
    const auto found = errors_with("", {"data.source=csv", "data.path=a", "data.target=y", set});
    CAPTURE(found);
    CHECK(found.find(expected) != std::string::npos);
  };
  CHECK(errors_with("", {"data.source=csv", "data.path=a", "data.target=y"}).empty());
  wrong("data.path=", "data.path: is empty; data.source = \"csv\" needs the file");
  wrong("data.target=", "data.target: data.source = \"csv\" needs the name of the column");
  wrong("data.target=3", "data.target: found 3");
  CHECK(errors_with("", {"data.source=csv", "data.path=a", "data.target=3"}).find("needs") ==
        std::string::npos);
  CHECK(errors_with("", {"data.source=csv", "data.path=a", "data.target=\"3\""}).empty());
  wrong("data.features=a", "data.features: found 'a', expected a list of texts");
  wrong("data.features=[1]", "data.features: found [ 1 ], expected a list of texts");
  wrong("data.features=[\"a\", 1]", "data.features: found");
  wrong("data.bins=7", "data.bins: found 7, expected an even number");
  wrong("data.bins=0", "data.bins: found 0");
  wrong("data.train_share=1.0", "data.train_share: found 1");
  wrong("data.train_share=0.0", "data.train_share: found 0");
  wrong("data.source=table", "expected one of fashion-mnist, idx, cifar10, csv, libsvm, series");
  wrong("model.kind=svm", "expected one of softmax, mlp, cnn, cifar_cnn, lstm, linear_svm");
  CHECK(errors_with("[model]\nkind = \"lstm\"\nhidden = []\n").find("model.hidden: found []") !=
        std::string::npos);
  CHECK(errors_with("[data]\nsource = \"series\"\n")
            .find("data.path: is empty; data.source = \"series\"") != std::string::npos);
}

TEST_CASE("an epsilon that no float holds is refused") {
  CHECK(
      errors_with("", {"optimizer.kind=adam", "optimizer.epsilon=1e-50"})
          .find("optimizer.epsilon: found 1e-50, which a float does not hold; expected a number") !=
      std::string::npos);
  CHECK(errors_with("", {"optimizer.kind=adam", "optimizer.epsilon=1e-30"}).empty());
}

TEST_CASE("a support vector machine tells classes apart") {
  const auto found = errors_with("", {"data.source=csv", "data.path=a", "data.target=y",
                                      "data.task=regression", "model.kind=linear_svm"});
  CHECK(found.find("model.kind: found \"linear_svm\", which tells classes apart") !=
        std::string::npos);
}

TEST_CASE("optimisers and schedules: read, checked, written, read back equal") {
  const auto adam = parse_config(good + "[optimizer]\nkind = 'adam'\nbeta1 = 0.8\nbeta2 = 0.99\n"
                                        "epsilon = 1e-6\nschedule = 'cosine'\ntotal_steps = 500\n"
                                        "floor = 0.01\nwarmup_steps = 20\n",
                                 "x.toml", {});
  REQUIRE(adam.errors.empty());
  CHECK(adam.value.optimizer.kind == "adam");
  CHECK(adam.value.optimizer.beta2 == 0.99);
  CHECK(adam.value.optimizer.total_steps == 500);
  const auto again = parse_config(to_toml(adam.value), "y.toml", {});
  REQUIRE(again.errors.empty());
  CHECK(to_toml(again.value) == to_toml(adam.value));
  const auto kind_of = [](const std::string& lines) {
    return parse_config(good + "[optimizer]\n" + lines, "x.toml", {}).value.optimizer.kind;
  };
  CHECK(kind_of("") == "sgd");
  CHECK(kind_of("momentum = 0.9\n") == "momentum");
  CHECK(parse_config(good + "[optimizer]\ndecay_every = 5\n", "x.toml", {})
            .value.optimizer.schedule == "step");
  for (const auto* wrong :
       {"kind = 'nesterov'\n", "kind = 'adam'\nmomentum = 0.9\n", "kind = 'adagrad'\n",
        "schedule = 'exponential'\n", "schedule = 'cosine'\n",
        "schedule = 'constant'\ndecay_every = 3\n",
        "schedule = 'step'\ndecay_every = 3\nfloor = 0.2\n", "kind = 'adam'\nbeta1 = 1\n"}) {
    CAPTURE(wrong);
    const auto errors = errors_with(std::string{"[optimizer]\n"} + wrong);
    CHECK(errors.find("x.toml:1") == 0);
    CHECK(std::count(errors.begin(), errors.end(), '\n') == 1);
  }
}

TEST_CASE("a key that nothing reads is a mistake, every one of them") {
  CHECK(
      errors_with("[data]\ntarget = \"y\"\nwindow = 3\n[model]\nkind = \"cnn\"\nhidden = [3]\n") ==
      "x.toml:11: data.target: is not read by data.source = \"fashion-mnist\"; \"csv\" does\n"
      "x.toml:12: data.window: is not read by data.source = \"fashion-mnist\"; \"series\" does\n"
      "x.toml:15: model.hidden: is not read by model.kind = \"cnn\"; \"mlp\", \"lstm\" do\n");
  const auto says = [](const std::string& lines, const std::string& text) {
    const auto found = errors_with(lines);
    CAPTURE(found);
    CHECK(found.find(text) != std::string::npos);
    CHECK(std::count(found.begin(), found.end(), '\n') == 1);
  };
  const std::string csv = "[data]\nsource = \"csv\"\npath = \"x\"\ntarget = \"y\"\n";
  says(csv + "horizon = 2\n", "x.toml:14: data.horizon: is not read by data.source = \"csv\"");
  says(csv + "alpha = 2\n", "data.alpha: is not read by data.partition = \"iid\"");
  says(csv + "scale_target = true\n", "data.scale_target: is not read by data.task = \"bins\"");
  says(csv + "task = \"regression\"\nbins = 4\n", "data.bins: is not read by data.task");
  says(csv + "augment = [\"flip\"]\n", "data.augment: is not read by data.source = \"csv\"");
  says("[model]\ncondition = 5\n", "model.condition: is not read by model.kind = \"mlp\"");
  const std::string rule = "[optimizer]\n";
  says(rule + "beta1 = 0.8\n", "optimizer.beta1: is not read by optimizer.kind = \"sgd\"");
  says(rule + "decay = 0.9\n", "optimizer.decay: is not read by optimizer.schedule = \"constant\"");
  says(rule + "total_steps = 9\n", "optimizer.total_steps: is not read by optimizer.schedule");
  says(rule + "kind = \"adam\"\nmomentum = 0\n", "optimizer.momentum: is not read by");
  says("[model]\nkind = \"layers\"\n[[model.layer]]\nkind = \"dense\"\nunits = 3\n"
       "initialiser = \"he\"\ndeviation = 0.1\n",
       "x.toml:16: model.layer[0].deviation: is not read by this layer's initialiser; "
       "\"truncated_normal\" does");
  CHECK(errors_with(rule + "momentum = 0\ndecay_every = 0\n").empty()); // they decide the kinds
  // What cannot be a source reads nothing: one mistake, not three.
  says("[data]\nsource = \"cvs\"\ntarget = \"y\"\nheader = true\n", "data.source: found 'cvs'");
}

TEST_CASE(
    "a choice made by --set leaves aside the file's keys of another one, not those set beside it") {
  const std::string file = "[model]\nkind = \"mlp\"\nhidden = [3]\n";
  CHECK(errors_with(file, {"model.kind=cnn"}).empty());
  CHECK(errors_with(file, {"model.kind=cnn", "model.hidden=[4]"}) ==
        "--set model.hidden: is not read by model.kind = \"cnn\"; \"mlp\", \"lstm\" do\n");
  CHECK(errors_with("", {"data.header=false"}).find("--set data.header: is not read by") == 0);
}

TEST_CASE("what is written has the keys that are read, and can be run again") {
  for (const auto& source : learning::data_sources())
    for (const std::string task : {"", "bins", "classification", "regression"})
      for (const auto& kind : {"sgd", "momentum", "nesterov", "adam"})
        for (const auto& schedule : {"constant", "step", "exponential", "cosine"}) {
          auto x = parse_config(good, "x.toml", {}).value;
          x.data.source = source.name;
          x.data.path = source.path.empty() ? "" : "x";
          x.data.target = "y";
          const bool known = std::ranges::find(source.tasks, task) != source.tasks.end();
          x.data.task = known ? task : "";
          x.optimizer.kind = kind;
          x.optimizer.momentum = 0.5;
          x.optimizer.schedule = schedule;
          x.optimizer.decay_every = x.optimizer.total_steps = 7;
          const auto written = to_toml(x);
          const auto again = parse_config(written, "y.toml", {});
          CAPTURE(written);
          CHECK(again.errors.empty());
          CHECK(to_toml(again.value) == written);
        }
}
