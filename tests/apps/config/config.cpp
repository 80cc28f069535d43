// Configs: every mistake is found, all at once, with its place; good ones come back equal.
#include "apps/config/config.hpp"
#include "sync/adsp_options.hpp"
#include "sync/policies.hpp"
#include "sync/ssp_options.hpp"
#include "tests/apps/config/sound_config.hpp"
#include "tests/apps/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>

using namespace adsp;
using namespace adsp::apps;

TEST_CASE("a good config says what it says and defaults the rest") {
  const auto read = parse_config(good, "x.toml", {});
  REQUIRE(read.errors.empty());
  CHECK(read.value.max_time == 1200);
  CHECK(read.value.sync.policy == sync::policy_kind::ssp);
  CHECK(read.value.sync.ssp->staleness == 40);
  REQUIRE(read.value.workers.size() == 1);
  CHECK(read.value.workers[0].count == 2);
  CHECK(read.value.workers[0].step_seconds == 0.05);
  CHECK(read.value.workers[0].bandwidth == 20e6);
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
  CHECK(errors_with("[[workers]]\ncount = 2\nname = \"workers\"\n") ==
        "x.toml:12: workers[1].name: two groups have the name \"workers\"\n");
  CHECK(errors_with("name = \"a\"\n[[workers]]\n[[workers]]\n") ==
        "x.toml:12: workers[2].name: two groups have the name \"workers\"\n");
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

TEST_CASE("a model in the place of a config is called one") {
  const program::scratch_folder folder{"model-as-config"};
  folder.write("model.adsp", "adspmodl\x05" + std::string(2 << 20, '\xff'));
  const auto path = folder.file("model.adsp");
  CHECK(to_string(read_config(path, {}).errors.at(0)) ==
        path + ": is a model, which adsp evaluate, predict and export take; expected a TOML file, "
               "for instance configs/fashion-adsp.toml");
}

TEST_CASE("a number that a float does not hold is refused, whichever key it is for") {
  for (const std::string key : {"optimizer.learning_rate", "ps.learning_rate",
                                "evaluation.target_loss", "model.weight_decay"}) {
    CAPTURE(key);
    for (const std::string number : {"3.5e+38", "1e+39", "1e+308", "1e-46"})
      CHECK(errors_with("", {fmt::format("{}={}", key, number)})
                .find(fmt::format("--set {}: found {}, which a float does not hold; expected a "
                                  "number ",
                                  key, number)) == 0);
    CHECK(errors_with("", {key + "=3.4e38"}).empty());
    CHECK(errors_with("", {key + "=2e-45"}).empty());
    CHECK(errors_with("", {key + "=inf"}).find("found inf, expected a number") !=
          std::string::npos);
  }
  CHECK(errors_with("[model]\nkind = \"layers\"\n[[model.layer]]\n"
                    "kind = \"dense\"\nunits = 3\ninitialiser = \"truncated_normal\"\n"
                    "deviation = 1e39\n")
            .find("deviation: found 1e+39, which a float does not hold") != std::string::npos);
}

TEST_CASE("a key that cannot be left out is said to be missing") {
  CHECK(errors_with("[[cluster.allow]]\nroles = [\"ps\"]\n") ==
        "x.toml:10: cluster.allow[0].name: is missing, expected for instance name = \"pi-*\"\n");
  CHECK(errors_with("[[cluster.allow]]\nname = \"a\"\n") ==
        "x.toml:10: cluster.allow[0].roles: is missing, expected for instance roles = "
        "[\"worker\"]\n");
  CHECK(errors_with("[[cluster.allow]]\nname = \"\"\nroles = [\"ps\"]\n")
            .find("x.toml:11: cluster.allow[0].name: found \"\"") == 0);
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
  CHECK(errors_with("", {"sync.policy=adsp", "sync.search=adaptive", "evaluation.interval=\"12s\""})
            .empty());
  const auto sparse =
      errors_with("", {"sync.policy=adsp", "sync.search=adaptive", "evaluation.interval=\"13s\""});
  CHECK(sparse.find("found 13 s, expected at most 12 s") != std::string::npos);
  CHECK(sparse.find("sync.probe_window of at least 65 s") != std::string::npos);
  CHECK(errors_with("", {"sync.check_period=0.01"}).empty()); // a limit of ADSP's alone
  CHECK(errors_with("", {"sync.policy=adsp", "sync.search=paper", "sync.commit_rate=4",
                         "sync.reference_loss=1"}) ==
        "--set sync.commit_rate: is not read by sync.search = \"paper\"; \"none\", \"adaptive\" "
        "do\n");
  CHECK(errors_with("[[workers]]\nname = \"workers-1\"\n")
            .find("two workers would have the name \"workers-1\"") != std::string::npos);
}

TEST_CASE("all mistakes are reported at once") {
  const auto read = parse_config("[job]\nname = 3\nsed = 1\n[sync]\npolicy = \"bsb\"\n"
                                 "[[workers]]\ncount = 0\n",
                                 "x.toml", {});
  REQUIRE(read.errors.size() == 5);
  CHECK(parse_config("workers = [1, 2]", "x.toml", {}).errors.size() == 4); // no group to look at
  std::string known;
  for (const auto& policy : sync::policies())
    known += (known.empty() ? "" : ", ") + std::string{policy.name};
  CHECK(read.errors[2].text == "found 'bsb', expected one of " + known);
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
  CHECK(errors_with("", {"workers.7.count=1"}) ==
        "--set workers[7].count: there is no group of workers with the number \"7\"; the groups "
        "are 0 (\"workers\")\n");
  CHECK(errors_with("name = \"a\"\n[[workers]]\nname = \"b\"\n", {"workers.b.jitter=1"}) ==
        "--set workers.b.jitter: there is no group of workers with the number \"b\"; the groups "
        "are 0 (\"a\"), 1 (\"b\")\n");
  CHECK(errors_with("", {"job.name.x=3"}).find("no such place") != std::string::npos);
  CHECK(errors_with("", {"sync.foo.bar=3"}).find("--set sync.foo: unknown key") == 0);
  CHECK(errors_with("", {"job.0=3"}).find("--set job.0: unknown key") == 0);
  CHECK(errors_with("", {"nonsense"}).find("expected TABLE.KEY=VALUE") != std::string::npos);
  CHECK(errors_with("", {"sync.polizy=bsp"}).find("did you mean policy?") != std::string::npos);
}

TEST_CASE("the resolved config reads back equal") {
  auto text = good + "jitter = 0.3\nlatency = 0.001\n[data]\npath = \"a \\\"b\\\"\\n\"\n"
                     "[[cluster.allow]]\nname = \"p*\"\nroles = [\"ps\"]\n";
  const auto first = parse_config(text, "x.toml", {});
  REQUIRE(first.errors.empty());
  const auto written = to_toml(first.value);
  const auto second = parse_config(written, "written.toml", {});
  REQUIRE(second.errors.empty());
  CHECK(to_toml(second.value) == written);
  CHECK(second.value.data.path == "a \"b\"\n");
  CHECK(second.value.workers[0].jitter == 0.3);
  REQUIRE(second.value.cluster.allow.size() == 1);
  CHECK(second.value.cluster.allow[0].name == "p*");
  const auto fixed = parse_config(good, "x.toml", {"sync.policy=adsp", "sync.commit_rate=2.5"});
  CHECK(parse_config(to_toml(fixed.value), "y.toml", {}).value.sync.adsp->commit_rate == 2.5);
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

TEST_CASE("the published search means all of it as published, unless a key says otherwise") {
  const auto sync_of = [](const std::string& keys) {
    return parse_config("[job]\nmax_steps = 1\n[sync]\n" + keys + "[[workers]]\nstep_seconds = 1\n",
                        "x", {})
        .value.sync;
  };
  const auto ours = sync_of("");
  CHECK(ours.adsp->search == sync::search_kind::adaptive);
  CHECK(ours.adsp->reward == sync::reward_kind::robust);
  CHECK((ours.adsp->overlap && ours.adsp->rollback && !ours.adsp->probe_barrier));
  CHECK((ours.adsp->step == sync::server_step::round && sync::averages(ours)));
  const auto paper = sync_of("search = \"paper\"\nreference_loss = 1\n");
  CHECK(paper.adsp->reward == sync::reward_kind::curve);
  CHECK_FALSE((paper.adsp->overlap || paper.adsp->rollback || paper.adsp->probe_barrier));
  CHECK(paper.adsp->step == sync::server_step::commit);
  CHECK_FALSE((paper.adsp->damping || sync::averages(paper)));
  const auto mixed = sync_of("search = \"paper\"\noverlap = true\nprobe_barrier = true\n"
                             "commit_rule = \"equal\"\nreference_loss = 1\n");
  CHECK((mixed.adsp->overlap && !mixed.adsp->rollback && mixed.adsp->probe_barrier));
  CHECK(mixed.adsp->rule == sync::commit_share::equal);
  const auto tap = sync_of("policy = \"tap\"\n");
  CHECK_FALSE(sync::averages(tap));
  CHECK(sync::averages(sync_of("policy = \"tap\"\naverage = true\n")));
  CHECK_FALSE(sync::averages(sync_of("average = false\n")));
}

TEST_CASE("a server with a velocity of its own does not damp") {
  const std::string server = "[ps]\nmomentum = 0.5\n";
  const std::string adsp = "sync.policy=adsp";
  const std::string on_commit = "sync.server_step=commit";
  CHECK(starting_rule(parse_config(good, "x", {adsp, on_commit}).value).kind ==
        sync::rule_kind::damped);
  const auto quiet = parse_config(good + server, "x", {adsp, on_commit});
  CHECK(starting_rule(quiet.value).kind == sync::rule_kind::velocity);
  CHECK(eta_for(quiet.value, 4) == 0.25);
  CHECK(errors_with(server, {adsp, "sync.damping=true"}).find("sync.damping: has no effect") !=
        std::string::npos);
}

TEST_CASE("wire formats: read, checked, written, read back equal") {
  const auto plain = parse_config(good, "x.toml", {});
  CHECK(plain.value.wire.commit == encoding{});
  CHECK_FALSE(plain.value.wire.fp16_pull);
  for (const auto* commit : {"fp32", "fp16", "int8", "topk:0.01", "topk:1"}) {
    const auto read =
        parse_config(good + "[wire]\ncommit = \"" + commit + "\"\npull = \"fp16\"\n", "x.toml", {});
    REQUIRE(read.errors.empty());
    CHECK(name_of(read.value.wire.commit) == commit);
    CHECK(read.value.wire.fp16_pull);
    const auto again = parse_config(to_toml(read.value), "resolved", {});
    REQUIRE(again.errors.empty());
    CHECK(again.value.wire.commit == read.value.wire.commit);
    CHECK(again.value.wire.fp16_pull);
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
