// The report: one page that holds its data and needs nothing else.
#include "apps/report/report.hpp"
#include "apps/report/report_data.hpp"
#include "tests/apps/run/written_runs.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace adsp::apps;
using namespace written;

TEST_CASE("thinning keeps the first and the last point, in order and evenly") {
  CHECK(kept_points(0).empty());
  CHECK(kept_points(1) == std::vector<std::size_t>{0});
  CHECK(kept_points(3, 3) == std::vector<std::size_t>{0, 1, 2});
  CHECK(kept_points(101, 5) == std::vector<std::size_t>{0, 25, 50, 75, 100});
  for (const std::size_t count : {999, 1000, 1001, 1999, 123456}) {
    const auto kept = kept_points(count);
    CHECK(kept.size() == std::min(count, max_points));
    CHECK(kept.front() == 0);
    CHECK(kept.back() == count - 1);
    for (std::size_t i = 1; i < kept.size(); ++i)
      REQUIRE(kept[i] > kept[i - 1]);
  }
}

TEST_CASE("a run's page holds its data and refers to nothing outside") {
  folder at;
  at.write_run("");
  const auto html = report_html(at.path);
  const auto data = data_of(html);
  CHECK(data["title"] == "job");
  const auto& run = data["runs"][0];
  CHECK(run["metrics"]["seconds"] == json{0.5, 1.5});
  CHECK(run["metrics"]["loss"] == json{2.5, nullptr});
  CHECK(run["workers"].size() == 2);
  CHECK(run["workers"][0]["name"] == "fast");
  CHECK(run["periods"]["mean"] == json::array({3.0}));
  CHECK(run["periods"]["highest"] == json::array({4.0}));
  CHECK(html.find("Chart.js Contributors") != std::string::npos);
  CHECK(html.find(at.path.string()) == std::string::npos);
  for (const auto* reference : {" src=", " href=", "<link", "@import", "url("}) {
    CAPTURE(reference);
    CHECK(html.find(reference) == std::string::npos);
  }
}

TEST_CASE("implicit momentum is shown where it was recorded") {
  folder at;
  at.write_run("");
  CHECK(run_data(at.path)["periods"]["momentum"].is_null());
  at.write("workers.csv", workers_header + ",implicit_momentum\n"
                                           "1,0,fast,20,4,4,4,4,0.9,0.1,0,0.5\n"
                                           "1,1,slow,10,2,2,4,4,0.5,0.1,0.4,0.5\n"
                                           "2,0,fast,40,8,4,4,8,0.9,0.1,0,0.75\n");
  const auto periods = run_data(at.path)["periods"];
  CHECK(periods["seconds"] == json{1.0, 2.0});
  CHECK(periods["momentum"] == json{0.5, 0.75});
}

TEST_CASE("text from files cannot become markup") {
  folder at;
  const std::string job = "</script><img src=x onerror=\"alert('1')\">&@data@\xff";
  auto hostile = summary("");
  hostile["workers"].push_back(worker("<!--<script>"));
  at.write_run("");
  auto text = hostile.dump();
  text.replace(text.find("\"job\":\"\""), 8,
               "\"job\":" + json(job.substr(0, job.size() - 1)).dump());
  at.write("summary.json", text);
  const auto html = report_html(at.path);
  CHECK(html.find("<img") == std::string::npos);
  CHECK(html.find("<!--<script>") == std::string::npos);
  CHECK(
      html.find(
          "<h1>&lt;/script&gt;&lt;img src=x onerror=&quot;alert('1')&quot;&gt;&amp;@data@</h1>") !=
      std::string::npos);
  const auto data = data_of(html);
  CHECK(data["title"] == job.substr(0, job.size() - 1));
  // Bytes that are no UTF-8 are replaced.
  CHECK_NOTHROW(data_of(report_html(job, {{"adsp", 1, at.path}}, "")));
}

TEST_CASE("of many workers the first ones by name are shown") {
  folder at;
  at.write_run("");
  auto many = summary("job");
  many["workers"] = json::array();
  for (int i = 99; i >= 0; --i)
    many["workers"].push_back(worker("board-" + std::to_string(i)));
  at.write("summary.json", many.dump());
  const auto run = run_data(at.path);
  CHECK(run["workers_in_all"] == 100);
  REQUIRE(run["workers"].size() == max_workers);
  CHECK(run["workers"][2]["name"] == "board-2");
  CHECK(run["workers"][59]["name"] == "board-59");
}

TEST_CASE("a comparison's page holds every run") {
  folder at;
  json policies = json::array();
  for (const std::string policy : {"bsp", "adsp"}) {
    json runs = json::array();
    for (const int seed : {1, 2}) {
      const auto directory = policy + "/" + std::to_string(seed);
      at.write_run(directory);
      runs.push_back({{"seed", seed}, {"directory", directory}});
    }
    policies.push_back({{"policy", policy},
                        {"settings", json::array({"optimizer.learning_rate=0.1"})},
                        {"runs", runs},
                        {"reached", 0},
                        {"time_to_target_s", nullptr}});
  }
  const json comparison = {{"job", "both"}, {"simulated", true}, {"policies", policies}};
  at.write("compare.json", comparison.dump());
  const auto data = data_of(report_html(at.path));
  CHECK(data["title"] == "both");
  REQUIRE(data["runs"].size() == 4);
  CHECK(data["runs"][2]["policy"] == "adsp");
  CHECK(data["runs"][3]["seed"] == 2);
  CHECK(data["comparison"]["policies"][1]["first_run"] == 2);

  const auto page = [&] { report_html(at.path); };
  fs::remove(at.path / "adsp/2/workers.csv");
  check_refused(page, "adsp/2/workers.csv", "No such file");
  at.write("compare.json", "{\"job\": \"both\"}");
  check_refused(page, "compare.json", "policies");
  at.write("compare.json", "{");
  check_refused(page, "compare.json", "damaged");
  check_refused([&] { report_html("both", {}, comparison.dump()); }, "compare.json", "4 runs");
}

TEST_CASE("a run that was killed is shown as far as it came") {
  folder at;
  at.write("config.toml", "[job]\nname = 'long'\nmax_steps = 9\nseed = 5\n[sync]\npolicy = 'tap'\n"
                          "[[workers]]\n");
  at.write("workers.csv", workers_csv + "2,0,fa");
  at.write("metrics.csv", metrics_csv + "2.5,0.2");
  const auto data = data_of(report_html(at.path));
  CHECK(data["title"] == "long");
  const auto& run = data["runs"][0];
  CHECK(run["policy"] == "tap");
  CHECK(run["seed"] == 5);
  CHECK(run["summary"].is_null());
  CHECK(run["metrics"]["seconds"] == json{0.5, 1.5});
  CHECK(run["periods"]["seconds"] == json::array({1.0}));
  at.write("metrics.csv", metrics_csv.substr(0, metrics_csv.find('\n') + 1));
  CHECK(data_of(report_html(at.path))["runs"][0]["metrics"]["seconds"].empty());
  fs::remove(at.path / "config.toml");
  check_refused([&] { report_html(at.path); }, "config.toml", "no summary.json");
}
