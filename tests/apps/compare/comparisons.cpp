// `adsp compare --simulate` as a user meets it: what it leaves, also when it is ended early or a
// run fails.
#include "tests/apps/bowl_folder.hpp"

#include <doctest/doctest.h>

#include <csignal>

namespace fs = std::filesystem;

using namespace bowl;
using nlohmann::json;
using program::adsp;
using program::check_refused;

TEST_CASE_FIXTURE(folder, "a comparison tunes, measures, and is the same when it is made again") {
  const std::string arguments =
      "compare " + job() +
      " --simulate --policies bsp,adsp:overlap=false --seeds 2 --set evaluation.target_loss=0.1"
      " --tune 'optimizer.learning_rate=0.02|0.05' --out ";
  const auto x = adsp(arguments + file("first"));
  CAPTURE(x.output);
  REQUIRE(x.exit == 0);
  CHECK(x.output.find("\nbsp ") != std::string::npos);
  CHECK(x.output.find("\nadsp:overlap=false ") != std::string::npos);
  CHECK(fs::file_size(path / "first" / "report.html") > 1000);
  const auto all = json::parse(text("first/compare.json"));
  CHECK(all["simulated"] == true);
  CHECK(all["seeds"] == json{1, 2});
  REQUIRE(all["policies"].size() == 2);
  for (const auto& policy : all["policies"]) {
    CHECK(policy["settings"].size() == 1);
    CHECK(policy["reached"] == 2);
    REQUIRE(policy["runs"].size() == 2);
    for (const auto& run : policy["runs"])
      for (const auto* name : run_files)
        CHECK(fs::exists(path / "first" / run["directory"].get<std::string>() / name));
  }
  CHECK(all["policies"][0]["policy"] == "bsp");
  CHECK(all["policies"][0]["speed_up"]["median"] == 1);
  CHECK(all["policies"][1]["policy"] == "adsp:overlap=false");
  REQUIRE(adsp(arguments + file("second") + " -q --at-once 1").exit == 0);
  CHECK(text("first/compare.json") == text("second/compare.json"));
}

TEST_CASE_FIXTURE(folder, "no policy is faster than the ideal machine, which needs virtual time") {
  const auto compare =
      "compare " + job() +
      " -q --policies adsp,ideal --seeds 1 --set evaluation.target_loss=0.1 --out ";
  const auto x = adsp(compare + file("ideal") + " --simulate");
  CAPTURE(x.output);
  REQUIRE(x.exit == 0);
  CHECK(x.output.find("of the possible") != std::string::npos);
  const auto all = json::parse(text("ideal/compare.json"));
  CHECK(all["policies"][0]["of_possible"]["median"].get<double>() <= 1);
  CHECK(all["policies"][1]["of_possible"]["median"] == 1);
  CHECK(text("ideal/report.html").find("Of the possible") != std::string::npos);
  check_refused(adsp(compare + file("real")), 2, "--policies ideal: ");
}

TEST_CASE_FIXTURE(folder,
                  "a comparison that is ended early keeps what has finished, and its baseline") {
  for (const int signal : {SIGINT, SIGKILL}) {
    CAPTURE(signal);
    const auto run = "r" + std::to_string(signal);
    // The first policy would take as good as forever, the second is at its target at once.
    const auto x = program::signalled({"compare", job(), "--simulate", "--policies",
                                       "bsp:optimizer.learning_rate=1e-9,bsp", "--seeds", "1",
                                       "--out", file(run), "--set", "evaluation.target_loss=0.1",
                                       "--set", "job.max_time=1e8", "--at-once", "2"},
                                      "[1/2]", signal);
    CAPTURE(x.output);
    CHECK(x.exit == (signal == SIGINT ? 130 : 128 + SIGKILL));
    const auto all = json::parse(text(fs::path{run} / "compare.json"));
    REQUIRE(all["policies"].size() == 2);
    CHECK(all["policies"][0]["policy"] == "bsp:optimizer.learning_rate=1e-9");
    CHECK(all["policies"][0]["runs"].empty());
    CHECK(all["policies"][1]["runs"].size() == 1);
    CHECK(all["policies"][1]["reached"] == 1);
    CHECK(all["policies"][1]["speed_up"].is_null());
    if (signal == SIGINT) {
      CHECK(x.output.find("no finished run") != std::string::npos);
      CHECK(x.output.find("1 of 2 runs finished") != std::string::npos);
    }
    CHECK(adsp("report " + file(run)).exit == 0);
  }
}

TEST_CASE_FIXTURE(folder, "a comparison in which nothing can be trained fails") {
  const auto compare = "compare " + job() + " --simulate --policies bsp --seeds 1 --out ";
  const auto x = adsp(compare + file("r") + runaway("bsp"));
  CAPTURE(x.output);
  CHECK(x.exit == 1);
  CHECK(x.output.find("adsp: the training failed in every run") != std::string::npos);
  const auto y = adsp(compare + file("s") + " --tune 'optimizer.learning_rate=1000|2000'");
  CAPTURE(y.output);
  CHECK(y.exit == 1);
  CHECK(y.output.find("adsp: bsp: the training failed with every setting") != std::string::npos);
  CHECK(y.output.find("no finished run") != std::string::npos);
  const auto z = adsp(compare + file("t") + " --tune 'optimizer.learning_rate=1000|0.05'");
  CAPTURE(z.output);
  CHECK(z.exit == 0);
  CHECK(z.output.find("with optimizer.learning_rate=0.05") != std::string::npos);
}

TEST_CASE_FIXTURE(folder, "a comparison that makes no sense is refused") {
  const auto compare = "compare " + job() + " --simulate --out " + file("r") + " --policies ";
  check_refused(adsp(compare + "bsp,best"), 2, "found \"best\"");
  check_refused(adsp(compare + "bsp --tune optimizer.learning_rate"), 2, "--tune");
  check_refused(adsp(compare + "bsp --tune optimizer.learning_rate=0.1"), 2, "--tune");
  check_refused(adsp(compare + "bsp --tune 'policy=ssp|tap'"), 2, "--policies names");
  check_refused(adsp(compare + "ssp --tune 'pull=a|b' --tune 'sync.pull=c|d'"), 2, "given twice");
  check_refused(adsp(compare + "bsp:job.seed=4"), 2, "must be the same for all");
  check_refused(adsp(compare + "bsp:polizy=4"), 2, "sync.polizy");
  const auto none = adsp(compare + "bsp --seeds 0");
  CHECK(none.exit == 2);
  CHECK(none.output.find("--seeds") != std::string::npos);
  CHECK_FALSE(fs::exists(path / "r"));
}

TEST_CASE_FIXTURE(folder, "a run whose file cannot be written costs no other run") {
  // No file may exceed 400 KiB: the second policy's workers.csv does, with a row every 10 ms.
  const auto x = adsp("compare " + job() + " --simulate --seeds 1 --at-once 1 -q --out " +
                          file("r") + " --policies bsp,bsp:check_period=0.005",
                      "trap '' XFSZ; ulimit -f 800; ");
  CAPTURE(x.output);
  CHECK(x.exit == 1);
  CHECK(x.output.find("workers.csv: cannot be written") != std::string::npos);
  CHECK(x.output.find("\nbsp ") != std::string::npos);
  CHECK(x.output.find("no finished run") != std::string::npos);
  CHECK(fs::file_size(path / "r" / "report.html") > 1000);
  CHECK(json::parse(text("r/compare.json"))["policies"][0]["runs"].size() == 1);
}
