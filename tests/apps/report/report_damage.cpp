// The report refuses damaged files, by name, and the command says what failed.
#include "apps/cli/commands.hpp"
#include "apps/report/report.hpp"
#include "tests/apps/run/written_runs.hpp"

#include <doctest/doctest.h>

using namespace adsp::apps;
using namespace written;

TEST_CASE("a comparison without policies is refused, one without runs is not") {
  folder at;
  const auto page = [&] { return report_html(at.path); };
  for (const auto* text :
       {"{\"policies\":{}}", "{\"job\":\"j\",\"policies\":{}}", "{\"job\":\"j\",\"policies\":[]}",
        "{\"job\":\"j\",\"policies\":[3]}",
        "{\"job\":\"j\",\"policies\":[{\"policy\":\"bsp\",\"settings\":[],\"runs\":{}}]}"}) {
    CAPTURE(text);
    at.write("compare.json", text);
    check_refused(page, "compare.json", "damaged");
  }
  at.write("compare.json",
           "{\"job\":\"j\",\"policies\":[{\"policy\":\"bsp\",\"settings\":[],\"runs\":[]}]}");
  CHECK(data_of(page())["runs"].empty());
}

TEST_CASE("missing and damaged files are named") {
  folder at;
  const auto page = [&] { report_html(at.path); };
  check_refused(page, at.path.string(), "neither a run");
  at.write_run("");
  for (const std::string name : {"workers.csv", "summary.json"}) {
    at.write_run("");
    fs::remove(at.path / name);
    check_refused(page, name, "cannot be read");
    fs::create_directories(at.path / name);
    check_refused(page, name, "cannot be read");
    fs::remove(at.path / name);
  }
  at.write_run("");
  at.write("metrics.csv", "");
  check_refused(page, "metrics.csv", "no header");
  at.write("metrics.csv", "seconds,accuracy\n1,2\n");
  check_refused(page, "metrics.csv", "no column loss");
  at.write("metrics.csv", metrics_csv + "2,0.5\n");
  check_refused(page, "metrics.csv", "row 3 has 2 values");
  at.write("metrics.csv", metrics_csv + "2,fast,0.2,1,1,1,1,1\n");
  check_refused(page, "metrics.csv", "row 3: loss is 'fast'");
  at.write("metrics.csv", metrics_csv + "2,\"0.5\n");
  check_refused(page, "metrics.csv", "damaged");
  at.write_run("");
  at.write("summary.json", "[1, 2");
  check_refused(page, "summary.json", "no JSON object");
  auto wrong = summary("job");
  wrong["workers"][0]["name"] = 3;
  at.write("summary.json", wrong.dump());
  check_refused(page, "summary.json", "damaged");
}

TEST_CASE("the command writes the page and tells bad input from a failed write") {
  folder at;
  at.write_run("run");
  const auto directory = (at.path / "run").string();
  CHECK(report_command({directory, std::nullopt}) == success);
  CHECK(fs::file_size(at.path / "run/report.html") > 100000);
  CHECK(report_command({directory, (at.path / "own.html").string()}) == success);
  CHECK(fs::exists(at.path / "own.html"));
  CHECK(report_command({directory, (at.path / "no/such/folder.html").string()}) == failed);
  CHECK(report_command({at.path.string(), std::nullopt}) == bad_input);
  CHECK(report_command({(at.path / "nowhere").string(), std::nullopt}) == bad_input);
}
