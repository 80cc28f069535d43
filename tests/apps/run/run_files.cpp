// The files of a run: models that survive and refuse damage, directories, rows, summary, progress.
#include "apps/cli/atomic_file.hpp"
#include "apps/model/model_file.hpp"
#include "apps/run/recorder.hpp"
#include "apps/run/run_directory.hpp"
#include "apps/run/summary.hpp"
#include "learning/data_error.hpp"
#include "tests/apps/scratch_folder.hpp"
#include "tests/virtual_time.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <limits>
#include <random>

using namespace adsp;
using namespace adsp::apps;
namespace fs = std::filesystem;

namespace {

/// The working directory, until the end of a test.
struct folder : program::scratch_folder {
  folder() : scratch_folder{"test"} { fs::current_path(path); }
  ~folder() { fs::current_path(before); }

  const fs::path before = fs::current_path();
};

saved_model sample_model() {
  saved_model x;
  x.model.kind = "layers";
  x.model.loss = "hinge";
  x.model.layers = {
      {.kind = "embedding", .units = 3, .vocabulary = 70'000, .initialiser = {}},
      {.kind = "lstm", .units = 3, .sequence = true, .initialiser = {}},
      {.kind = "dropout", .rate = 0.125, .initialiser = {}},
  };
  x.data.source = "csv";
  x.data.path = "/data";
  x.data.target = "cost";
  x.data.features = {"a", "b"};
  x.data.task = "regression";
  x.data.train_share = 0.75;
  x.data.delimiter = ";";
  x.data.header = false;
  x.data.scale_target = true;
  x.prepared.task = "classification";
  x.prepared.columns = {{"a", 1, 2, 3, false, {}}, {"b", 0, 1, 0, true, {"u", "v\xff"}}};
  x.prepared.class_names = {"no", "yes"};
  x.prepared.file = {70'000, 1ULL << 63};
  x.input = {5, 4, 3};
  x.classes = 2;
  x.steps = 77;
  x.loss = 0.1;
  x.accuracy = 0.5;
  x.parameters = {1, -2, 0.5f};
  x.tensors = {{"0.a", {1, 2}}, {"1.b", {1}}};
  return x;
}

/// Other options, with which others are read.
saved_model sample_of_series() {
  saved_model x;
  x.model.hidden = {3, 2};
  x.model.weight_decay = 1e-7;
  x.data.source = "series";
  x.data.path = "list \"of\" numbers";
  x.data.window = 7;
  x.data.bins = 4;
  x.input = {7, 1, 1};
  x.classes = 4;
  x.loss = std::numeric_limits<double>::quiet_NaN();
  return x;
}

/// The error of reading `path`, or nothing.
std::string trouble_with(const fs::path& path) try {
  load_model(path);
  return "";
} catch (const std::runtime_error& error) {
  return error.what();
}

job named(const std::string& name) {
  job x;
  x.name = name;
  return x;
}

} // namespace

TEST_CASE_FIXTURE(folder, "a saved model comes back") {
  save_model("m", sample_model());
  const auto x = load_model("m");
  CHECK(x.data.path == "/data");
  CHECK(x.data.target == "cost");
  CHECK(x.data.features == std::vector<std::string>{"a", "b"});
  CHECK(x.data.train_share == 0.75);
  CHECK(x.model.loss == "hinge");
  REQUIRE(x.model.layers.size() == 3);
  CHECK(x.model.layers[0].vocabulary == 70'000);
  CHECK(x.model.layers[1].kind == "lstm");
  CHECK(x.model.layers[1].sequence);
  CHECK(x.model.layers[2].rate == 0.125);
  CHECK(x.data.delimiter == ";");
  CHECK_FALSE(x.data.header);
  CHECK(x.data.scale_target);
  REQUIRE(x.prepared.columns.size() == 2);
  CHECK(x.prepared.columns[0].divisor == 2);
  CHECK(x.prepared.columns[1].one_hot);
  CHECK(x.prepared.columns[1].categories == std::vector<std::string>{"u", "v\xff"});
  CHECK(x.prepared.class_names == std::vector<std::string>{"no", "yes"});
  CHECK(x.prepared.file.rows == 70'000);
  CHECK(x.prepared.file.checksum == 1ULL << 63);
  CHECK(x.input == learning::shape{5, 4, 3});
  CHECK(x.steps == 77);
  CHECK(x.loss == 0.1);
  CHECK(x.accuracy == 0.5);
  CHECK(x.parameters == std::vector<float>{1, -2, 0.5f});
  REQUIRE(x.tensors.size() == 2);
  CHECK(x.tensors[0].name == "0.a");
  CHECK(x.tensors[0].extents == std::vector<std::ptrdiff_t>{1, 2});
  CHECK(x.tensors[1].name == "1.b");
  CHECK(std::distance(fs::directory_iterator{path}, fs::directory_iterator{}) == 1); // no leftovers
  save_model("m", sample_of_series());
  const auto other = load_model("m");
  CHECK(other.model.hidden == std::vector<std::uint32_t>{3, 2});
  CHECK(other.model.weight_decay == 1e-7);
  CHECK(other.data.source == "series");
  CHECK(other.data.path == "list \"of\" numbers");
  CHECK(other.data.window == 7);
  CHECK(other.data.bins == 4);
  CHECK(std::isnan(other.loss));
  CHECK(other.parameters.empty());
}

TEST_CASE_FIXTURE(folder, "a damaged model is refused, whatever the damage") {
  save_model("good", sample_model());
  const auto good = text("good");
  for (std::size_t size = 0; size < good.size(); ++size) {
    write("bad", good.substr(0, size));
    CHECK_FALSE(trouble_with("bad").empty());
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bytes = good;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x10);
    write("bad", bytes);
    CHECK_FALSE(trouble_with("bad").empty());
  }
  std::mt19937 random{1};
  for (int round = 0; round < 200; ++round) {
    std::string bytes(random() % 300, '\0');
    for (auto& x : bytes)
      x = static_cast<char>(random());
    write("bad", bytes);
    CHECK_FALSE(trouble_with("bad").empty());
  }
  CHECK(trouble_with("missing").find("cannot be read") != std::string::npos);
  CHECK(trouble_with(path).find("cannot be read") != std::string::npos);
  CHECK(trouble_with("/dev/zero").find("cannot be read") != std::string::npos);
  write("bad", good + "x");
  CHECK(trouble_with("bad").find("damaged") != std::string::npos);
}

TEST_CASE_FIXTURE(folder, "a newer format is named, a huge file is refused by its header alone") {
  save_model("m", sample_model());
  auto bytes = text("m");
  bytes[8] = 6;
  write("m", bytes);
  CHECK(trouble_with("m").find("model format 6, this program reads 4 to 5") != std::string::npos);
  fs::resize_file("m", std::uintmax_t{1} << 40); // sparse; reading it would take all memory
  CHECK(trouble_with("m").find("model format 6") != std::string::npos);
  write("m", text("/dev/null"));
  fs::resize_file("m", std::uintmax_t{1} << 40);
  CHECK(trouble_with("m").find("not a model file") != std::string::npos);
}

TEST_CASE_FIXTURE(folder, "a model whose parts do not fit together is refused") {
  for (const auto& input :
       {learning::shape{0, 1, 1}, learning::shape{1 << 20, 1 << 20, 1 << 20}, {-1, -1, 4}}) {
    auto x = sample_model();
    x.input = input;
    save_model("m", x);
    CHECK(trouble_with("m").find("impossible sample shape") != std::string::npos);
  }
  auto x = sample_model();
  x.model = {};
  CHECK_THROWS_WITH_AS(make_model(x, "m"), doctest::Contains("3 parameters where its model has"),
                       std::runtime_error);
  x.model.kind = "quadratic";
  x.input = {1 << 15, 1 << 15, 1};
  CHECK_THROWS_AS(make_model(x, "m"), std::runtime_error); // and takes no memory
  x.model.kind = "hostile";
  CHECK_THROWS_AS(make_model(x, "m"), std::invalid_argument);
}

TEST_CASE(
    "what is no number is blamed on the sample, or on the model where smaller ones would not do") {
  saved_model x;
  x.model.kind = "softmax";
  x.input = {2, 1, 1};
  x.classes = 2;
  x.parameters.assign(6, 2);
  const auto model = make_model(x, "m");
  Eigen::MatrixXf samples(2, 3);
  samples << 1, 3e38F, 0.5F, 1, 3e38F, 0.25F;
  Eigen::MatrixXf outputs;
  const auto check = [&] {
    model->predict(x.parameters, samples, outputs);
    require_finite(*model, x, samples, outputs, "m",
                   [](auto i) { return "in.csv:" + std::to_string(i + 1); });
  };
  CHECK_THROWS_WITH_AS(check(),
                       "in.csv:2: too far from the training values: the model predicts NaN or "
                       "infinity",
                       learning::data_error);
  samples(0, 1) = samples(1, 1) = 1;
  CHECK_NOTHROW(check());
  x.parameters.assign(6, 3e38F);
  for (const float each : {1.0F, 1e9F}) {
    samples.setConstant(each);
    CHECK_THROWS_WITH_AS(check(),
                         "m: the model predicts NaN or infinity; its training has diverged",
                         std::runtime_error);
  }
}

TEST_CASE_FIXTURE(folder, "a failed write leaves the old file and no temporary one") {
  write("file", "old");
  fs::create_directory("folder");
  CHECK_THROWS_AS(write_atomically("folder", "new"), std::runtime_error);
  CHECK_THROWS_AS(write_atomically("file/below", "new"), std::runtime_error);
  CHECK(text("file") == "old");
  CHECK(std::distance(fs::directory_iterator{path}, fs::directory_iterator{}) == 2);
}

TEST_CASE_FIXTURE(folder, "runs are numbered, a named directory must be new or empty") {
  CHECK(run_directory::create(named("j"), {}).path() == fs::path{"runs/j/1"});
  CHECK(run_directory::create(named("j"), {}).path() == fs::path{"runs/j/2"});
  CHECK(run_directory::create(named("j"), "mine").path() == fs::path{"mine"});
  CHECK_THROWS_AS(run_directory::create(named("j"), "mine"), std::invalid_argument);
  write("file", "");
  CHECK_THROWS_AS(run_directory::create(named("j"), "file/below"), std::invalid_argument);
  CHECK_THROWS_AS(run_directory::create(named("j"), "file"), std::invalid_argument);
}

TEST_CASE_FIXTURE(folder, "rows: cumulative counts, seconds since the row before") {
  {
    auto x = run_directory::create(named("j"), "out");
    x.add(evaluation_record{1.5, 0.25, 0.5, 10, 2, 800, 4, 1});
    x.add(evaluation_record{2, 0.25, std::nan(""), 10, 2, 800, 4, 1}); // predicted numbers
    x.add(worker_record{2, 0, "w", {10, 4, 0, 1.5, 0.25, 0.25, 0, 0}, 8, 6, 0.5});
    x.add(worker_record{4, 0, "w", {25, 7, 0, 3.25, 0.5, 0.25, 0, 0}, 12, 4, 0.75});
  }
  CHECK(text("out/metrics.csv") ==
        "seconds,loss,accuracy,steps,commits,bytes,commit_rate,local_steps\n"
        "1.5,0.25,0.5,10,2,800,4,1\n2,0.25,,10,2,800,4,1\n");
  CHECK(text("out/workers.csv") ==
        "seconds,worker,name,steps,commits,new_commits,commit_rate,commit_target,compute_seconds,"
        "communicate_seconds,wait_seconds,implicit_momentum\n"
        "2,0,w,10,4,4,6,8,1.5,0.25,0.25,0.5\n"
        "4,0,w,25,7,3,4,12,1.75,0.25,0,0.75\n");
}

TEST_CASE_FIXTURE(folder, "the recorder writes, and says at the end when it could not") {
  adsp::test::virtual_time world;
  auto directory = std::make_shared<run_directory>(run_directory::create(named("j"), "out"));
  auto writer = world.own(world.system.spawn(recorder, directory));
  caf::anon_send(writer, evaluation_record{1, 2, 0.5, 3, 4, 5, 6, 7});
  auto pending = world.self->request(writer, caf::infinite, stop_atom::value);
  world.settle();
  bool answered = false;
  pending.receive([&] { answered = true; }, [](const caf::error&) {});
  CHECK(answered);
  CHECK(text("out/metrics.csv").find("\n1,2,0.5,3,4,5,6,7\n") != std::string::npos);
}

TEST_CASE("the summary says how it ended, in shares of time that add up") {
  job_result x;
  x.reason = end_reason::target_reached;
  x.duration = 10;
  x.time_to_target = 9;
  x.search_time = 2;
  x.last = {10, 0.5, 0.75, 30, 6, 4096, 2, 1};
  x.total = {31, 6, 4096, 11, 2, 2, 0}; // a step more than at the last evaluation
  x.evaluations = 4;
  x.workers = {{"a", {20, 3, 0, 6, 2, 2, 0}, 10, false}, {"b", {10, 3, 0, 5, 0, 0, 0}, 5, true}};
  const auto y = nlohmann::json::parse(summary_json(named("j"), x, false));
  CHECK(y["policy"] == "adsp");
  CHECK(y["virtual_time"] == false);
  CHECK(y["target_reached"] == true);
  CHECK(y["steps"] == 31);
  CHECK(y["final_loss"] == 0.5);
  CHECK(y["time_to_target_s"] == 9);
  CHECK(y["end_reason"] == "target_reached");
  CHECK(y["time_share"]["compute"] == doctest::Approx(11.0 / 15));
  CHECK(y["time_share"]["search"] == doctest::Approx(0.2));
  CHECK(y["workers"][0]["time_share"]["wait"] == doctest::Approx(0.2));
  CHECK(y["workers"][1]["left"] == true);
  x.evaluations = 0;
  CHECK(nlohmann::json::parse(summary_json(named("j"), x, false))["final_accuracy"].is_null());
  x.evaluations = 4;
  x.last.loss = std::nan("");
  x.reason = end_reason::failed;
  x.duration = 0;
  const auto z = nlohmann::json::parse(summary_json(named("j"), x, false));
  CHECK(z["final_loss"].is_null());
  CHECK(z["time_to_target_s"].is_null());
  CHECK(z["time_share"]["search"] == 0);
}
