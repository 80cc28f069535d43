// What a saved model says of other tables: predictions and evaluation, end to end.
#include "tests/apps/model/model_of_table.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace fs = std::filesystem;

using program::adsp;
using program::check_refused;
using program::tables;

namespace {

/// Rows whose class is "tall, \"very\"" from 105 on, and whose colour says nothing.
std::string heights(int first, int last) {
  std::string text = "height,colour,kind\n";
  for (int i = 0; i < 300; ++i) {
    const int height = first + i % (last - first);
    text += std::to_string(height) + (i % 3 == 0 ? ",red," : ",blue,") +
            (height < 105 ? "short" : "\"tall, \"\"very\"\"\"") + "\n";
  }
  return text;
}

} // namespace

TEST_CASE_FIXTURE(tables, "predict says the bin of each row of a table, scaled as in training") {
  {
    std::ofstream table{path / "t.csv"};
    table << "size,junk,kind\n";
    for (int i = 0; i < 200; ++i)
      table << 100 + i % 10 << ",1," << (i % 10 < 5 ? "-1" : "1") << "\n";
    std::ofstream{path / "t.toml"} << "[job]\nmax_steps = 400\n[data]\nsource = 'csv'\npath = '"
                                   << file("t.csv")
                                   << "'\ntarget = 'kind'\nfeatures = ['size']\nbins = 2\n[model]\n"
                                      "kind = 'softmax'\n[optimizer]\nlearning_rate = 0.5\n"
                                      "[sync]\npolicy = 'bsp'\n[[workers]]\nstep_seconds = 0.01\n";
    std::ofstream{path / "new.csv"} << "other,size\nx,100\n\ny,109\n";
    std::ofstream{path / "bad.csv"} << "size\n100\nlarge\n";
    std::ofstream{path / "gap.csv"} << "size,a\n,1\n";
    std::ofstream{path / "narrow.csv"} << "a\n1\n";
  }
  const auto trained = adsp("simulate " + file("t.toml") + " -q --out " + file("r"));
  CAPTURE(trained.output);
  REQUIRE(trained.exit == 0);
  const auto predict = "predict " + file("r/model.adsp") + " ";
  const auto x = adsp(predict + file("new.csv"));
  CHECK(x.exit == 0);
  CHECK(x.output == "prediction\n0\n1\n");
  CHECK(adsp(predict + file("new.csv") + " --out " + file("p.csv")).output.empty());
  CHECK(fs::exists(path / "p.csv"));
  check_refused(adsp(predict + file("bad.csv")), 2, "bad.csv:3: column \"size\": found \"large\"");
  check_refused(adsp(predict + file("gap.csv")), 2, "gap.csv:2: column \"size\": found");
  check_refused(adsp(predict + file("narrow.csv")), 2, "has no column \"size\"");
  check_refused(adsp(predict + file("none.csv")), 2, "none.csv");
}

TEST_CASE_FIXTURE(tables,
                  "classes come out by their names; another file is scaled as in training") {
  write("t.csv", heights(100, 110));
  train("target = 'kind'\ntask = 'classification'\none_hot = ['colour']\n", "kind = 'softmax'\n");
  const auto model = file("r/model.adsp");
  write("new.csv", "colour,height\nred,100\ngreen,109\nblue,101\n");
  CHECK(adsp("predict " + model + " " + file("new.csv")).output ==
        "prediction\nshort\n\"tall, \"\"very\"\"\"\nshort\n");
  const auto known = adsp("evaluate " + model);
  CAPTURE(known.output);
  CHECK(known.output.find("accuracy  100.00 %") != std::string::npos);
  // Other means, other classes, a category of its own, columns in another order.
  std::istringstream rows{heights(105, 125)};
  std::string text;
  for (std::string row; std::getline(rows, row);)
    text += "x," + row + "\n";
  write("other.csv", text);
  const auto other = adsp("evaluate " + model + " --data " + file("other.csv"));
  CAPTURE(other.output);
  CHECK(other.exit == 0);
  CHECK(other.output.find("samples   300\n") != std::string::npos); // all of its rows
  CHECK(other.output.find("accuracy  100.00 %") != std::string::npos);
  CHECK(other.output.find("short ") != std::string::npos);
  write("one.csv", "height,colour,kind\n100,red,short\n");
  const auto one = adsp("evaluate " + model + " --data " + file("one.csv"));
  CAPTURE(one.output);
  CHECK(one.exit == 0);
  CHECK(one.output.find("samples   1\n") != std::string::npos);
  write("none.csv", "height,colour,kind\n");
  check_refused(adsp("evaluate " + model + " --data " + file("none.csv")), 2,
                "none.csv: has 0 rows, none of them to test, expected at least 1");
  write("more.csv",
        "height,colour,kind\n100,red,short\n101,red,huge\n102,red,huge\n103,red,huge\n");
  check_refused(adsp("evaluate " + model + " --data " + file("more.csv")), 2,
                "found class \"huge\"");
  write("bad.csv", "height,colour,kind\n100,red,short\nx,red,short\n100,red,short\n");
  check_refused(
      adsp("evaluate " + model + " --data " + file("bad.csv")), 2,
      "bad.csv:3: column \"height\": found \"x\", expected a number that a float can hold");
  write("narrow.csv", "height,kind\n100,short\n");
  check_refused(adsp("evaluate " + model + " --data " + file("narrow.csv")), 2,
                "narrow.csv:1: has no column \"colour\", expected one of \"height\", \"kind\"");
  check_refused(adsp("predict " + model + " " + file("narrow.csv")), 2,
                "narrow.csv:1: has no column \"colour\"");
  write("gap.csv", "height,colour\n100,red\n100,\n");
  check_refused(adsp("predict " + model + " " + file("gap.csv")), 2,
                "gap.csv:3: column \"colour\": found \"\"");
}

TEST_CASE_FIXTURE(tables, "numbers come out in the units of the file") {
  std::string text = "a,b,y\n";
  for (int i = 0; i < 300; ++i)
    text += std::to_string(i % 20) + "," + std::to_string(i % 7) + "," +
            std::to_string(1000 + 10 * (i % 20) - 5 * (i % 7)) + "\n";
  write("t.csv", text);
  train("target = 'y'\ntask = 'regression'\nscale_target = true\n", "kind = 'softmax'\n");
  const auto model = file("r/model.adsp");
  write("new.csv", "a,b\n0,0\n19,6\n40,3\n");
  const auto x = adsp("predict " + model + " " + file("new.csv"));
  CAPTURE(x.output);
  std::istringstream lines{x.output};
  std::string head;
  std::getline(lines, head);
  CHECK(head == "prediction");
  for (const double expected : {1000, 1160, 1385}) {
    double found = 0;
    lines >> found;
    CHECK(found == doctest::Approx(expected).epsilon(0.001));
  }
  // Another file's mean and deviation would shift and stretch them.
  text = "y,b,a\n";
  for (int i = 0; i < 100; ++i)
    text += std::to_string(1300 + 20 * (i % 10)) + ",0," + std::to_string(30 + 2 * (i % 10)) + "\n";
  write("other.csv", text);
  const auto other = adsp("evaluate " + model + " --data " + file("other.csv"));
  CAPTURE(other.output);
  CHECK(other.exit == 0);
  const auto at = other.output.find("RMSE");
  REQUIRE(at != std::string::npos);
  CHECK(std::stod(other.output.substr(at + 4)) < 2);
}

TEST_CASE_FIXTURE(tables,
                  "what a model does not put into numbers is neither predicted nor evaluated") {
  std::string rows = "x,y\n";
  for (int i = 0; i < 100; ++i)
    rows += std::to_string(i % 10) + (i % 10 < 5 ? ",a\n" : ",b\n");
  write("t.csv", rows);
  train("target = 'y'\ntask = 'classification'\nscale = 'none'\n", "kind = 'softmax'\n");
  write("far.csv", "x,y\n1,b\n\n3e38,a\n"); // the outputs overflow
  const auto model = file("r/model.adsp");
  check_refused(adsp("predict " + model + " " + file("far.csv")), 2,
                "far.csv:4: too far from the training values: the model predicts NaN or infinity");
  check_refused(adsp("evaluate " + model + " --data " + file("far.csv")), 2,
                "far.csv: sample 2 of the test data: too far from the training values");
}

TEST_CASE_FIXTURE(tables, "a cell that scaling makes no number is named") {
  std::string rows = "x,y\n";
  std::string list;
  for (int i = 0; i < 100; ++i) {
    rows += "0.0" + std::to_string(i % 10) + (i % 10 < 5 ? ",a\n" : ",b\n");
    list += "0.0" + std::to_string(i % 10) + "\n";
  }
  const auto predict = "predict " + file("r/model.adsp") + " ";
  write("t.csv", rows);
  train("target = 'y'\ntask = 'classification'\n", "kind = 'softmax'\n");
  write("far.csv", "x\n0.01\n3e38\n");
  check_refused(adsp(predict + file("far.csv")), 2,
                "far.csv:3: column \"x\": found \"3e38\", expected a number closer to the "
                "training values");
  write("t.csv", list);
  train("window = 2\ntask = 'regression'\n", "kind = 'softmax'\n", "series");
  write("far.csv", "0.01,-3e38\n");
  check_refused(adsp(predict + file("far.csv")), 2,
                "far.csv:1: column 2: found \"-3e38\", expected a number closer");
}

TEST_CASE_FIXTURE(tables, "what predict would overwrite is left alone") {
  std::string rows = "x,y\n";
  for (int i = 0; i < 100; ++i)
    rows += std::to_string(i % 10) + (i % 10 < 5 ? ",a\n" : ",b\n");
  write("t.csv", rows);
  train("target = 'y'\ntask = 'classification'\n", "kind = 'softmax'\n");
  const auto model = text("r/model.adsp");
  const auto predict = "predict " + file("r/model.adsp") + " " + file("t.csv") + " --out ";
  fs::create_symlink(path / "t.csv", path / "link");
  for (const auto* name : {"t.csv", "r/../t.csv", "link", "r/model.adsp"})
    check_refused(adsp(predict + file(name)), 2,
                  std::string{name} + ": is read, and would be overwritten");
  CHECK(text("t.csv") == rows);
  CHECK(text("r/model.adsp") == model);
}

TEST_CASE_FIXTURE(tables, "names of classes are shown in one line, and cut where characters end") {
  // Twenty letters of two bytes, a line end and what would set a terminal's colour.
  std::string name;
  for (int i = 0; i < 20; ++i)
    name += "\xc3\xa4";
  std::string rows = "x,y\n";
  for (int i = 0; i < 100; ++i)
    rows += std::to_string(i % 10) + (i % 10 < 5 ? ",\"b\n\x1b[31m\"\n" : "," + name + "\n");
  write("t.csv", rows);
  train("target = 'y'\ntask = 'classification'\n", "kind = 'softmax'\n");
  const auto x = adsp("evaluate " + file("r/model.adsp"));
  CAPTURE(x.output);
  CHECK(x.exit == 0);
  CHECK(x.output.find('\x1b') == std::string::npos);
  CHECK(x.output.find("\nb??[31m ") != std::string::npos);
  CHECK(x.output.find("\n" + name + " ") != std::string::npos);
  CHECK(x.output.find(" b??[31 " + name.substr(0, 12) + "\n") != std::string::npos);
}

TEST_CASE_FIXTURE(tables, "a job's data that are not there any more: what to do") {
  std::string rows = "x,y\n";
  for (int i = 0; i < 100; ++i)
    rows += std::to_string(i % 10) + (i % 10 < 5 ? ",a\n" : ",b\n");
  write("t.csv", rows);
  train("target = 'y'\ntask = 'classification'\n", "kind = 'softmax'\n");
  const auto here = "cd " + path.string() + "; ";
  const auto near = "simulate t.toml -q --set data.path=t.csv --out near";
  REQUIRE(adsp(near, here).exit == 0);
  CHECK(adsp("evaluate near/model.adsp", here).exit == 0);
  check_refused(adsp("evaluate model.adsp", "cd " + file("near") + "; "), 2,
                "; run this in the folder where the job has run, or name a file with --data");
  fs::remove(path / "t.csv");
  const auto evaluate = "evaluate " + file("r/model.adsp");
  const auto gone = adsp(evaluate);
  check_refused(gone, 2, "; name a file with --data");
  CHECK(gone.output.find("where the job") == std::string::npos);
  check_refused(adsp(evaluate + " --data " + file("none.csv")), 2, "none.csv: ");
}
