// The program as a user meets it: real processes, their exit codes, their one-line errors, Ctrl-C.
#include "tests/apps/program.hpp"
#include "tests/apps/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <sys/stat.h>

namespace fs = std::filesystem;

using program::adsp;
using program::check_refused;

namespace {

struct folder : program::scratch_folder {
  folder() : scratch_folder{"commands"} {
    std::ofstream{path / "job.toml"} << "[job]\nname = 'short'\nmax_steps = 300\n"
                                        "[data]\ntrain_limit = 600\ntest_limit = 200\n"
                                        "[model]\nkind = 'softmax'\n"
                                        "[sync]\ncheck_period = '200ms'\ncommit_rate = 2\n"
                                        "[evaluation]\ninterval = '50ms'\n"
                                        "[[workers]]\ncount = 2\nstep_seconds = '2ms'\n";
  }

  std::string config() const { return file("job.toml"); }
};

} // namespace

TEST_CASE_FIXTURE(folder, "run trains, leaves its files, and evaluate agrees with it") {
  const auto x = adsp("run " + config() + " --out " + file("r"));
  CAPTURE(x.output);
  CHECK(x.exit == 0);
  CHECK(x.output.find("files in ") != std::string::npos);
  for (const auto* name :
       {"config.toml", "metrics.csv", "workers.csv", "summary.json", "model.adsp"})
    CHECK(fs::exists(path / "r" / name));
  const auto y = adsp("evaluate " + file("r/model.adsp"));
  CAPTURE(y.output);
  CHECK(y.exit == 0);
  const auto accuracy = x.output.substr(x.output.find("accuracy ") + 9, 5);
  CHECK(y.output.find(accuracy) != std::string::npos);
  CHECK(y.output.find("class                 precision     recall\n0 ") != std::string::npos);
  CHECK(y.output.find("samples of each class (rows) predicted as each (columns)") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(folder, "a model of parts of images is evaluated on their middles") {
  const std::string crop = " --set 'data.augment=[\"crop:20\", \"flip\"]'";
  const auto table = adsp("check " + config() + crop);
  CAPTURE(table.output);
  CHECK(table.output.find("samples of 400 features") != std::string::npos);
  CHECK(table.output.find("4010 parameters") != std::string::npos);
  const auto x = adsp("run " + config() + crop + " --out " + file("r"));
  CAPTURE(x.output);
  REQUIRE(x.exit == 0);
  const auto y = adsp("evaluate " + file("r/model.adsp"));
  CAPTURE(y.output);
  CHECK(y.exit == 0);
  const auto accuracy = x.output.substr(x.output.find("accuracy ") + 9, 5);
  CHECK(y.output.find(accuracy) != std::string::npos);
  check_refused(
      adsp("check " + config() + " --set 'data.augment=[\"crop:29\"]'"), 2,
      "data.augment has \"crop:29\", and the images are 28 x 28 x 1; expected at most 28");
}

TEST_CASE_FIXTURE(folder, "weights leave a model and come back") {
  REQUIRE(adsp("run " + config() + " -q --out " + file("r")).exit == 0);
  const auto model = file("r/model.adsp");
  const auto x = adsp("export " + model + " " + file("w.npz"));
  CAPTURE(x.output);
  CHECK(x.exit == 0);
  CHECK(x.output.find("2 arrays, 7850 parameters") == 0);
  const auto y = adsp("import " + model + " " + file("w.npz") + " --out " + file("new.adsp"));
  CHECK(y.exit == 0);
  CHECK(adsp("evaluate " + file("new.adsp")).output == adsp("evaluate " + model).output);
  check_refused(adsp("import " + model + " " + config() + " --out " + file("no.adsp")), 2,
                "cannot be read as an .npz");
  check_refused(adsp("import " + model + " " + file("none") + " --out " + file("no.adsp")), 2,
                "cannot be read");
  check_refused(adsp("export " + config() + " " + file("no.npz")), 2, "not a model file");
  check_refused(adsp("export " + model + " " + file("none/w.npz")), 1, "cannot be written");
  CHECK_FALSE(fs::exists(path / "no.adsp"));
  // What is read is not overwritten, by whatever name.
  const auto same = file("r/../r/model.adsp");
  check_refused(adsp("export " + model + " " + same), 2, "model.adsp: is read, and would be");
  check_refused(adsp("import " + model + " " + file("w.npz") + " --out " + same), 2,
                "model.adsp: is read, and would be overwritten; expected another file to write");
  check_refused(adsp("import " + model + " " + file("w.npz") + " --out " + file("w.npz")), 2,
                "w.npz: is read, and would be overwritten");
  CHECK(adsp("evaluate " + file("new.adsp")).output == adsp("evaluate " + model).output);
}

TEST_CASE_FIXTURE(folder, "results that cannot be written are no success") {
  REQUIRE(adsp("run " + config() + " -q --out " + file("r")).exit == 0);
  const auto model = file("r/model.adsp");
  std::string row = "0";
  for (int i = 1; i < 784; ++i)
    row += ",0";
  std::ofstream rows{path / "rows.csv"};
  for (int i = 0; i < 5000; ++i) // more than is held back
    rows << row << "\n";
  rows.close();
  std::ofstream{path / "row.csv"} << row << "\n";
  for (const auto& command :
       {"evaluate " + model, "check " + config(), "export " + model + " " + file("w.npz"),
        "predict " + model + " " + file("row.csv"), "predict " + model + " " + file("rows.csv"),
        std::string{"--help"}}) {
    CAPTURE(command);
    check_refused(adsp(command, program::full_disk), 1,
                  "adsp: standard output: cannot be written: No space left on device");
  }
  CHECK(adsp("predict " + model + " " + file("rows.csv") + " >/dev/null").exit == 0);
}

TEST_CASE_FIXTURE(folder, "progress that cannot be shown costs a run nothing") {
  const auto fifo = file("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const std::string full = "shown() { \"$@\" 2>/dev/full; }; shown ";
  // Open, and nobody reads it any more.
  const auto closed = "shown() { exec 3<>" + fifo + " 2>" + fifo + " 3>&-; \"$@\"; }; shown ";
  for (const auto& shell : {full, closed}) {
    CAPTURE(shell);
    const auto end = adsp("run " + config() + " --out " + file("r"), shell);
    CHECK(end.exit == 0);
    CHECK(end.output.find("files in ") != std::string::npos);
    CHECK(end.output.find("time=") == std::string::npos);
    for (const auto* file : {"metrics.csv", "summary.json", "model.adsp"})
      CHECK(fs::exists(path / "r" / file));
    CHECK(adsp("run /nowhere.toml", shell).exit == 2);
    fs::remove_all(path / "r");
  }
}

TEST_CASE_FIXTURE(folder, "a run without a commit says that its model is the initial one") {
  const std::string none = "no update was committed: the model is the one training began with; "
                           "train longer or raise sync.commit_rate\n";
  const auto simulate = "simulate " + config() + " -q --set job.max_steps=";
  const auto x = adsp(simulate + "20 --set sync.check_period=100s --out " + file("a"));
  CAPTURE(x.output);
  CHECK(x.exit == 0);
  CHECK(x.output.find(", 0 commits") != std::string::npos);
  CHECK(x.output.find(none) != std::string::npos);
  const auto y = adsp(simulate + "300 --out " + file("b"));
  CHECK(y.exit == 0);
  CHECK(y.output.find("no update") == std::string::npos);
}

TEST_CASE_FIXTURE(folder, "the resolved config runs again") {
  REQUIRE(adsp("run " + config() + " -q --out " + file("r")).exit == 0);
  CHECK(adsp("run " + file("r/config.toml") + " -q --out " + file("s")).exit == 0);
}

TEST_CASE_FIXTURE(
    folder, "check shows which node has which shard, and refuses nodes that would have none") {
  const auto check = "check " + config() + " --set ps.shard_size=2000 --set cluster.ps_nodes=";
  const auto x = adsp(check + "3"); // 7,850 parameters
  CAPTURE(x.output);
  CHECK(x.exit == 0);
  CHECK(x.output.find("7850 parameters in 4 shards on 3 nodes") != std::string::npos);
  CHECK(x.output.find("     0            0         1999       2000        1\n"
                      "     1         2000         3999       2000        1\n"
                      "     2         4000         5999       2000        2\n"
                      "     3         6000         7849       1850        3\n") !=
        std::string::npos);
  CHECK(adsp(check + "4").exit == 0);
  check_refused(adsp(check + "40"), 2,
                "cluster.ps_nodes: found 40, but the model has 7850 parameters, in 4 shards of "
                "ps.shard_size");
  const auto one = adsp("check " + config() + " --set ps.shard_size=7850");
  CHECK(one.output.find("7850 parameters in 1 shard on 1 node\n") != std::string::npos);
}

TEST_CASE_FIXTURE(folder, "check says what the server's rule keeps in memory") {
  const auto check = "check " + config() + " --set sync.policy=";
  const auto says = [&](const std::string& policy, const std::string& what) {
    const auto x = adsp(check + policy);
    CAPTURE(x.output);
    CHECK(x.output.find("its memory: 0.03 MB for the parameters, " + what) != std::string::npos);
  };
  says("bsp", "0.00 MB (0 times that)");
  says("diloco", "0.06 MB (2 times that)"); // the sum of a round, the velocity
  says("fedopt", "0.09 MB (3 times that)");
}

TEST_CASE_FIXTURE(folder, "check prints the topology, help and version explain") {
  const auto x = adsp("check " + config());
  CHECK(x.exit == 0);
  CHECK(x.output.find("7850 parameters") != std::string::npos);
  CHECK(x.output.find("workers-1") != std::string::npos);
  // Every command that the program says it has, so that none is forgotten.
  const auto all = adsp("--help");
  CHECK(all.exit == 0);
  std::istringstream lines{all.output.substr(all.output.find("Subcommands:"))};
  std::string line;
  std::set<std::string> commands;
  for (std::getline(lines, line); std::getline(lines, line);)
    if (line.size() > 2 && line.starts_with("  ") && line[2] != ' ')
      commands.insert(line.substr(2, line.find(' ', 2) - 2));
  for (const auto* command :
       {"run", "simulate", "compare", "check", "evaluate", "report", "predict", "export", "import"})
    CHECK(commands.count(command) == 1);
  for (const auto& command : commands) {
    CAPTURE(command);
    const auto help = adsp(command + " --help");
    CHECK(help.exit == 0);
    CHECK(help.output.find("\n  adsp " + command + " ") != std::string::npos); // an example
    CHECK(help.output.find("\nExit: 0 ") != std::string::npos);
  }
  CHECK(adsp("--version").exit == 0);
}

TEST_CASE_FIXTURE(folder, "bad input: one line, the right exit code, nothing left behind") {
  const auto run = "run " + config() + " ";
  check_refused(adsp("run " + file("none.toml")), 2, "cannot be read");
  check_refused(adsp(run + "--set sync.polizy=bsp"), 2, "did you mean policy?");
  check_refused(adsp(run + "--set job.seed=many"), 2, "expected a whole number");
  check_refused(adsp(run + "--set workers.0.count=-2"), 2, "found -2");
  check_refused(adsp(run + "--set sync.policy=best"), 2, "expected one of bsp");
  check_refused(adsp(run + "--set data.path=" + file("nowhere")), 2, "dataset-fashion-mnist");
  check_refused(adsp(run + "--out " + config() + "/below"), 2, "--out");
  check_refused(adsp(run + "--out " + path.string()), 2, "not empty");
  check_refused(adsp("evaluate " + config()), 2, "not a model file");
  check_refused(adsp("evaluate " + file("none")), 2, "cannot be read");
  check_refused(adsp(""), 2, "adsp: A subcommand is required; see adsp --help");
  check_refused(adsp("fly"), 2, "adsp: A subcommand is required; see adsp --help");
  check_refused(adsp("run --set job.seed=1 " + file("none.toml") + " -q"), 2,
                "none.toml: cannot be read"); // not a second setting
  check_refused(adsp("run"), 2, "adsp: config is required; see adsp run --help");
  check_refused(adsp("compare --seeds many " + config() + " --policies bsp"), 2, "adsp: ");
  check_refused(adsp("compare --policies bsp " + file("none.toml") + " --simulate"), 2,
                "none.toml: cannot be read"); // not a second policy
  check_refused(adsp("node --role worker " + file("none.toml") + " --name a"), 2,
                "none.toml: cannot be read");
  CHECK(std::distance(fs::directory_iterator{path}, fs::directory_iterator{}) == 1);
}

TEST_CASE_FIXTURE(folder, "truncated data is refused") {
  const fs::path real = "/usr/share/datasets/fashion-mnist";
  const auto copy = path / "data";
  fs::copy(real, copy);
  const auto images = copy / "train-images-idx3-ubyte.gz";
  fs::resize_file(images, 100'000);
  const auto x =
      adsp("run " + config() + " --set data.train_limit=0 --set data.path=" + copy.string());
  CAPTURE(x.output);
  CHECK(x.exit == 2);
  CHECK(x.output.find("train-images-idx3-ubyte.gz") != std::string::npos);
}

TEST_CASE_FIXTURE(folder, "divergence ends the job with a reason") {
  const auto x =
      adsp("run " + config() + " -q --set optimizer.learning_rate=1e38 --out " + file("r") +
           " --set job.max_steps=0 --set job.max_time=60s"); // no fast machine is at its end before
  CAPTURE(x.output);
  CHECK(x.exit == 1);
  CHECK(x.output.find("diverged") != std::string::npos);
  CHECK(fs::exists(path / "r" / "summary.json"));
}

TEST_CASE_FIXTURE(folder, "rows that cannot be written cost neither model nor summary") {
  // No file may exceed 40 KiB (80 blocks): workers.csv does, with rows so often; the model does
  // not.
  const auto x = adsp("simulate " + config() + " -q --out " + file("r") +
                          " --set job.max_steps=6000 --set sync.check_period=20ms"
                          " --set workers.0.name=" +
                          std::string(60, 'n'),
                      "trap '' XFSZ; ulimit -f 80; ");
  CAPTURE(x.output.substr(0, 300));
  CHECK(x.exit == 1);
  CHECK(x.output.find("workers.csv: cannot be written") != std::string::npos);
  CHECK(fs::exists(path / "r" / "summary.json"));
  CHECK(adsp("evaluate " + file("r/model.adsp")).exit == 0);
}

TEST_CASE_FIXTURE(folder, "groups whose workers share a name are refused, not waited for") {
  std::ofstream{path / "job.toml", std::ios::app} << "[[workers]]\nname = 'workers-1'\n";
  check_refused(adsp("run " + config()), 2, "two workers would have the name");
}

TEST_CASE_FIXTURE(folder, "Ctrl-C ends the job with all its files and exit code 130") {
  const auto x =
      program::signalled({"run", config(), "--out", file("r"), "--set", "job.max_steps=0", "--set",
                          "job.max_time=50s"},
                         "time=", SIGINT); // the first progress line: training is under way
  CAPTURE(x.output);
  CHECK(x.exit == 130);
  for (const auto* name :
       {"config.toml", "metrics.csv", "workers.csv", "summary.json", "model.adsp"})
    CHECK(fs::exists(path / "r" / name));
}
