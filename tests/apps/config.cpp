// Configs: every mistake is found, all at once, with its place; good ones come back equal.
#include "apps/config.hpp"
#include "tests/apps/sound_config.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace adsp;
using namespace adsp::apps;

TEST_CASE("a good config says what it says and defaults the rest") {
  const auto read = parse_config(good, "x.toml", {});
  REQUIRE(read.errors.empty());
  CHECK(read.value.max_time == 1200);
  CHECK(read.value.sync.policy == sync::policy_kind::ssp);
  CHECK(read.value.sync.staleness == 40);
  REQUIRE(read.value.workers.size() == 1);
  CHECK(read.value.workers[0].count == 2);
  CHECK(read.value.workers[0].step_seconds == 0.05);
  CHECK(read.value.workers[0].bandwidth == 20e6);
}

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
  has(csv + "test_path = \"z\"\n", "data.source = \"csv\" does not read it");
  has(csv + "augment = [\"flip\"]\n", "data.source = \"csv\" has no images");
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

TEST_CASE("a mistake is shown with file, line, key, what was found and expected") {
  CHECK(errors_with("[ps]\nshard_size = -3\n") ==
        "x.toml:11: ps.shard_size: found -3, expected a whole number of at least 1 and at most "
        "16777216\n");
  CHECK(errors_with("[ps]\nshard_size = \"big\"\n") ==
        "x.toml:11: ps.shard_size: found 'big', expected a whole number of at least 1 and at most "
        "16777216\n");
  CHECK(errors_with("[ps]\nshard_sise = 3\n") ==
        "x.toml:11: ps.shard_sise: unknown key; did you mean shard_size?\n");
  CHECK(errors_with("[pss]\n").find("unknown key; did you mean ps?") != std::string::npos);
  CHECK(errors_with("latency = \"3 parsecs\"\n").find("expected a time such as") !=
        std::string::npos);
  CHECK(errors_with("speed = 3\n").find("expected one of the two") != std::string::npos);
  CHECK(errors_with("jitter = nan\n").find("workers[0].jitter: found nan") != std::string::npos);
  CHECK(errors_with("[optimizer]\nmomentum = 1\n").find("below 1") != std::string::npos);
  CHECK(errors_with("[model]\nhidden = [1, 0]\n").find("model.hidden") != std::string::npos);
  CHECK(errors_with("[model]\nkind = \"forest\"\n").find("expected one of softmax, mlp") !=
        std::string::npos);
  CHECK(errors_with("[data]\nsource = \"idx\"\n").find("data.path") != std::string::npos);
  CHECK(errors_with("[[workers]]\n[[workers]]\n").find("two groups have the name") !=
        std::string::npos);
  CHECK(errors_with("count = 2\n").find("x.toml:10: ") == 0);      // a key given twice: syntax
  CHECK(parse_config("job = 3", "x.toml", {}).errors.size() == 2); // no table, no workers
  CHECK(errors_with("name = \"a,b\"\n").find("workers[0].name: found \"a,b\"") !=
        std::string::npos);
  CHECK(errors_with("name = \"\"\n").find("workers[0].name") != std::string::npos);
}

TEST_CASE("a config that cannot be read says why; an empty one is read") {
  CHECK(read_config("/nowhere/x.toml", {}).errors.at(0).text.find("cannot be read") == 0);
  CHECK(read_config("/", {}).errors.at(0).text.find("cannot be read") == 0);
  CHECK(read_config("/dev/zero", {}).errors.at(0).text.find("larger than 1 MiB") == 0);
  const auto empty = read_config("/dev/null", {});
  REQUIRE(empty.errors.size() == 2); // no workers, no end
  CHECK(empty.errors[0].key == "workers");
}

TEST_CASE("times and bandwidths that the clock cannot count are refused") {
  for (const auto* key : {"job.max_time", "sync.check_period", "sync.epoch", "sync.probe_window",
                          "sync.adapt_interval", "sync.min_commit_interval", "evaluation.interval",
                          "workers.0.latency", "workers.0.step_seconds"}) {
    CAPTURE(key);
    CHECK(errors_with("", {std::string{key} + "=1e10"}).find("at most") != std::string::npos);
    CHECK(errors_with("", {std::string{key} + "=-1"}).find("found -1") != std::string::npos);
  }
  CHECK(parse_config("[job]\nmax_steps=1\n[sync]\npolicy='tap'\n[[workers]]\nspeed=1e-9\n", "x", {})
            .errors.at(0)
            .key == "workers[0].speed");
  CHECK(errors_with("", {"workers.0.bandwidth=0.5"}).find("at least 1 bit") != std::string::npos);
  CHECK(errors_with("", {"workers.0.bandwidth=0"}).empty());
}

TEST_CASE("a step shorter than the clock's tick is refused, however it is said") {
  for (const auto* text : {"4e-10", "9.9e-10", "1e-300"}) {
    CAPTURE(text);
    CHECK(errors_with("", {"workers.0.step_seconds=" + std::string{text}})
              .find("must be 0 (as fast as it can) or at least 1e-09") != std::string::npos);
    CHECK(errors_with("", {"workers.0.step_seconds=[0.1, " + std::string{text} + "]"})
              .find("at least 1e-09") != std::string::npos);
  }
  CHECK(errors_with("", {"workers.0.step_seconds=0"}).empty());
  CHECK(errors_with("", {"workers.0.step_seconds=1e-9"}).empty());
  const std::string head = "[job]\nmax_steps=1\n[sync]\npolicy='tap'\n[[workers]]\n";
  CHECK(parse_config(head + "speed=1e9\n", "x", {}).value.workers.at(0).step_seconds >= 1e-9);
  CHECK(parse_config(head + "speed=2e9\n", "x", {}).errors.at(0).key == "workers[0].speed");
}

TEST_CASE("rules between keys") {
  CHECK(errors_with("", {"job.max_time=0"}).find("never end") != std::string::npos);
  CHECK(errors_with("", {"sync.policy=adsp", "sync.commit_rate=4", "sync.check_period=0.01"})
            .find("a step of the worker \"workers-0\" takes 0.05 s") != std::string::npos);
  CHECK(errors_with("", {"sync.policy=adsp"}).empty());
  CHECK(errors_with("", {"sync.policy=adsp", "sync.search=paper"}).find("sync.reference_loss") !=
        std::string::npos);
  CHECK(errors_with("", {"sync.policy=adsp", "sync.commit_rate=4"}).empty());
  CHECK(errors_with("", {"sync.policy=adsp", "sync.search=paper", "sync.reference_loss=0.5",
                         "evaluation.interval=\"31s\""})
            .find("--set evaluation.interval: found 31 s, expected at most 30 s") !=
        std::string::npos);
  CHECK(errors_with("", {"sync.policy=adsp", "evaluation.interval=\"12s\""}).empty());
  const auto sparse = errors_with("", {"sync.policy=adsp", "evaluation.interval=\"13s\""});
  CHECK(sparse.find("found 13 s, expected at most 12 s") != std::string::npos);
  CHECK(sparse.find("sync.probe_window of at least 65 s") != std::string::npos);
  CHECK(errors_with("", {"sync.check_period=0.01"}).empty()); // ADSP's business alone
  CHECK(errors_with("[ps]\n", {"sync.search=paper", "sync.commit_rate=4"}).find("has no effect") !=
        std::string::npos);
  CHECK(errors_with("[[workers]]\nname = \"workers-1\"\n")
            .find("two workers would have the name \"workers-1\"") != std::string::npos);
}

TEST_CASE("all mistakes are reported at once") {
  const auto read = parse_config("[job]\nname = 3\nsed = 1\n[sync]\npolicy = \"bsb\"\n"
                                 "[[workers]]\ncount = 0\n",
                                 "x.toml", {});
  REQUIRE(read.errors.size() == 5);
  CHECK(parse_config("workers = [1, 2]", "x.toml", {}).errors.size() == 4); // no group to look at
  CHECK(read.errors[2].text ==
        "found 'bsb', expected one of bsp, ssp, tap, fixed_adacomm, adacomm, adsp");
  CHECK(read.errors[4].text.find("never end") != std::string::npos); // rules between keys too
}

TEST_CASE("a rule about a key that is wrong already is not reported again") {
  CHECK(parse_config("[job]\nmax_time = 'soon'\n[sync]\npolicy = 'bsp'\n[[workers]]\n", "x", {})
            .errors.size() == 1);
  CHECK(errors_with("", {"sync.check_period=-1"}).find("slowest") == std::string::npos);
  CHECK(errors_with("", {"sync.polic=adsp", "sync.commit_rate=-1"}).find("aim at") ==
        std::string::npos);
}

TEST_CASE("an error is one line, whatever was found") {
  for (const auto* value :
       {"sync.policy=a\nb", "sync.policy=\"\\u001b[2J\"", "job.name=\"a\\nb\"", "sync.a\nb=3"}) {
    const auto text = errors_with("", {value});
    CAPTURE(text);
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(text.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("overrides win, with or without quotes, and are named in errors") {
  const auto read =
      parse_config(good, "x.toml",
                   {"sync.policy=bsp", "job.name=\"y\"", "workers.0.count=5", "job.max_time=3s"});
  REQUIRE(read.errors.empty());
  CHECK(read.value.sync.policy == sync::policy_kind::bsp);
  CHECK(read.value.name == "y");
  CHECK(read.value.max_time == 3);
  CHECK(read.value.workers[0].count == 5);
  CHECK(errors_with("", {"workers.0.count=0"}).find("--set workers[0].count: found 0") == 0);
  CHECK(errors_with("", {"workers.7.count=1"}).find("no such place") != std::string::npos);
  CHECK(errors_with("", {"sync.foo.bar=3"}).find("--set sync.foo: unknown key") == 0);
  CHECK(errors_with("", {"job.0=3"}).find("--set job.0: unknown key") == 0);
  CHECK(errors_with("", {"nonsense"}).find("expected TABLE.KEY=VALUE") != std::string::npos);
  CHECK(errors_with("", {"sync.polizy=bsp"}).find("did you mean policy?") != std::string::npos);
}

TEST_CASE("the resolved config reads back equal") {
  auto text = good + "jitter = 0.3\nlatency = 0.001\n[data]\npath = \"a \\\"b\\\"\\n\"\n";
  const auto first = parse_config(text, "x.toml", {});
  REQUIRE(first.errors.empty());
  const auto written = to_toml(first.value);
  const auto second = parse_config(written, "written.toml", {});
  REQUIRE(second.errors.empty());
  CHECK(to_toml(second.value) == written);
  CHECK(second.value.data.path == "a \"b\"\n");
  CHECK(second.value.workers[0].jitter == 0.3);
  const auto fixed = parse_config(good + "[sync.x]\n", "x.toml", {"sync.commit_rate=2.5"});
  CHECK(parse_config(to_toml(fixed.value), "y.toml", {}).value.sync.commit_rate == 2.5);
}

TEST_CASE("data of numbers and its models: read, checked, written, read back equal") {
  const auto text = good + R"([data]
source = "csv"
path = "table.csv"
target = "the \"cost\""
features = ["a", "b, c", "\u00e9"]
window = 12
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
  CHECK(data.window == 12);
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
  wrong("data.features=a", "data.features: found 'a', expected a list of texts");
  wrong("data.features=[1]", "data.features: found [ 1 ], expected a list of texts");
  wrong("data.features=[\"a\", 1]", "data.features: found");
  wrong("data.window=0", "data.window: found 0");
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

TEST_CASE("a mutilated config is refused or read, never a crash") {
  std::mt19937 random{3};
  for (int round = 0; round < 2000; ++round) {
    auto text = good;
    for (int edits = 1 + static_cast<int>(random() % 4); edits > 0; --edits) {
      const auto at = random() % text.size();
      if (random() % 3 == 0)
        text.erase(at, 1 + random() % 8);
      else
        text[at] = static_cast<char>(random() % 128);
      if (text.empty())
        text = " ";
    }
    const auto read = parse_config(text, "x.toml", {});
    for (const auto& error : read.errors)
      CHECK_FALSE(error.text.empty());
  }
}

TEST_CASE("devices: step times one by one, throttling, joining and leaving") {
  const auto read =
      parse_config("[job]\nmax_steps = 1\n[[workers]]\nstep_seconds = [0.5, 0.25, 1]\n"
                   "throttle = [{ from = \"1min\", factor = 4 }, { from = 90, factor = 1.0 }]\n"
                   "join = 0\nleave = \"2h\"\n",
                   "x.toml", {});
  REQUIRE(read.errors.empty());
  const auto plans = plan_workers(read.value);
  REQUIRE(plans.size() == 3);
  CHECK(plans[1].device.step_seconds == 0.25);
  CHECK(plans[2].device.throttle == std::vector<throttle_point>{{60, 4}, {90, 1}});
  CHECK(plans[0].device.leave == 7200);
  CHECK(errors_with("count = 2\n").find("x.toml:10: ") == 0);
  CHECK(errors_with("", {"workers.0.step_seconds=[0.5, 1, 2]"}).find("count") != std::string::npos);
  CHECK(errors_with("", {"workers.0.step_seconds=[0.5, 0]"}).find("each a number") !=
        std::string::npos);
  CHECK(errors_with("", {"workers.0.step_seconds=[]"}).find("one a worker") != std::string::npos);
  CHECK(errors_with("join = 5\nleave = 5\n").find("expected a time after join") !=
        std::string::npos);
  CHECK(errors_with("join = 5\n").find("every worker joins later") != std::string::npos);
  CHECK(errors_with("throttle = [{ from = 5 }, { from = 3 }]\n").find("throttle[1].from") !=
        std::string::npos);
  CHECK(errors_with("throttle = [{ form = 5 }]\n").find("did you mean from") != std::string::npos);
  CHECK(errors_with("throttle = 3\n").find("expected a list of tables") != std::string::npos);
  CHECK(errors_with("speed = 0\n").find("workers[0].speed: found 0") != std::string::npos);
}

TEST_CASE("the published search means all of it as published, unless a key says otherwise") {
  const auto sync_of = [](const std::string& keys) {
    return parse_config("[job]\nmax_steps = 1\n[sync]\nreference_loss = 1\n" + keys +
                            "[[workers]]\nstep_seconds = 1\n",
                        "x", {})
        .value.sync;
  };
  const auto ours = sync_of("");
  CHECK(ours.search == sync::search_kind::adaptive);
  CHECK(ours.reward == sync::reward_kind::robust);
  CHECK((ours.overlap && ours.rollback && !ours.probe_barrier));
  const auto paper = sync_of("search = \"paper\"\n");
  CHECK(paper.reward == sync::reward_kind::curve);
  CHECK_FALSE((paper.overlap || paper.rollback || paper.probe_barrier));
  const auto mixed = sync_of("search = \"paper\"\noverlap = true\nprobe_barrier = true\n"
                             "commit_rule = \"equal\"\n");
  CHECK((mixed.overlap && !mixed.rollback && mixed.probe_barrier));
  CHECK(mixed.rule == sync::commit_rule::equal);
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
        "schedule = 'constant'\ndecay_every = 3\n", "floor = 0.2\n", "beta1 = 1\n"}) {
    CAPTURE(wrong);
    const auto errors = errors_with(std::string{"[optimizer]\n"} + wrong);
    CHECK(errors.find("x.toml:1") == 0);
    CHECK(std::count(errors.begin(), errors.end(), '\n') == 1);
  }
}

TEST_CASE("wire formats: read, checked, written, read back equal") {
  const auto plain = parse_config(good, "x.toml", {});
  CHECK(plain.value.wire.commit == encoding{});
  CHECK_FALSE(plain.value.wire.halved_pull);
  for (const auto* commit : {"fp32", "fp16", "int8", "topk:0.01", "topk:1"}) {
    const auto read =
        parse_config(good + "[wire]\ncommit = \"" + commit + "\"\npull = \"fp16\"\n", "x.toml", {});
    REQUIRE(read.errors.empty());
    CHECK(name_of(read.value.wire.commit) == commit);
    CHECK(read.value.wire.halved_pull);
    const auto again = parse_config(to_toml(read.value), "resolved", {});
    REQUIRE(again.errors.empty());
    CHECK(again.value.wire.commit == read.value.wire.commit);
    CHECK(again.value.wire.halved_pull);
  }
  CHECK(errors_with("[wire]\ncommit = \"topk:1.5\"\n") ==
        "x.toml:11: wire.commit: found \"topk:1.5\", expected \"fp32\", \"fp16\", \"int8\" or "
        "\"topk:SHARE\" with a share above 0 and at most 1, like \"topk:0.01\"\n");
  for (const auto* wrong :
       {"topk", "topk:", "topk:0", "topk:-1", "topk:nan", "topk:0.1x", "topk: 0.1", "int4", ""})
    CHECK(errors_with(std::string{"[wire]\ncommit = \""} + wrong + "\"\n").find("wire.commit") !=
          std::string::npos);
  CHECK(errors_with("[wire]\npull = \"int8\"\n").find("wire.pull") != std::string::npos);
  CHECK(errors_with("[wire]\ncommmit = \"int8\"\n").find("commit") != std::string::npos);
}
