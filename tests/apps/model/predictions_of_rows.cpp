// What a saved model says of data without named columns: series, sparse lines, lists and images.
#include "tests/apps/model/model_of_table.hpp"

#include <sstream>
#include <string>

using program::adsp;
using program::check_refused;
using program::tables;

TEST_CASE_FIXTURE(tables, "other sparse lines and other lists count with all they have") {
  std::string lines;
  std::string list;
  for (int i = 0; i < 400; ++i) {
    lines += i % 2 == 0 ? "1 1:1\n" : "-1 2:1\n";
    list += std::to_string(i % 5) + "\n";
  }
  write("t.csv", lines);
  const std::string all = " --data " + file("t.csv");
  train("", "kind = 'softmax'\n", "libsvm");
  const auto sparse = "evaluate " + file("r/model.adsp");
  const auto says = [](const std::string& command, const std::string& text) {
    const auto x = adsp(command);
    CAPTURE(x.output);
    CHECK(x.exit == 0);
    CHECK(x.output.find(text) != std::string::npos);
  };
  says(sparse, "samples   57\n");
  says(sparse + all, "samples   400\n");
  write("strange", "1 1:1\n3 1:1\n");
  check_refused(adsp(sparse + " --data " + file("strange")), 2,
                "strange:2: column 1: found label \"3\"");
  write("t.csv", list);
  train("window = 4\nbins = 2\n", "kind = 'softmax'\n", "series");
  says("evaluate " + file("r/model.adsp"), "samples   53\n");
  says("evaluate " + file("r/model.adsp") + all, "samples   396\n");
}

TEST_CASE_FIXTURE(tables,
                  "series and sparse lines: a row of numbers is a sample, scaled as in training") {
  std::string list;
  std::string lines;
  for (int i = 0; i < 400; ++i) {
    list += std::to_string(1000 + 100 * (i % 4)) + "\n";
    lines += i % 2 == 0 ? "7 1:3\n" : "-1 2:3\n";
  }
  write("t.csv", list);
  train("window = 3\ntask = 'regression'\nscale_target = true\n", "kind = 'softmax'\n", "series");
  const auto predict = "predict " + file("r/model.adsp") + " ";
  write("new.csv", "a,b,c\n1000,1100,1200\n1200,1300,1000\n");
  const auto x = adsp(predict + file("new.csv"));
  CAPTURE(x.output);
  std::istringstream said{x.output};
  std::string head;
  double first = 0;
  double second = 0;
  said >> head >> first >> second;
  CHECK(head == "prediction");
  CHECK(first == doctest::Approx(1300).epsilon(0.01));
  CHECK(second == doctest::Approx(1100).epsilon(0.01));
  write("plain.csv", "1000,1100,1200\n1200,1300,1000\n");
  CHECK(adsp(predict + file("plain.csv")).output == x.output);
  write("short.csv", "1000,1100,1200\n1200,1300\n");
  check_refused(adsp(predict + file("short.csv")), 2,
                "short.csv:2: has 2 cells, expected 3 numbers: a sample of 3 x 1 x 1");
  write("word.csv", "1000,x,1200\n"); // no header: there are numbers
  check_refused(adsp(predict + file("word.csv")), 2,
                "word.csv:1: column 2: found \"x\", expected a number that a float can hold");
  for (const std::string row : {"a,b", "a,b,c,d"}) { // no header of three numbers
    write("head.csv", row + "\n1000,1100,1200\n");
    check_refused(adsp(predict + file("head.csv")), 2,
                  "head.csv:1: has " + std::to_string(row.size() / 2 + 1) + " cells, expected 3");
  }
  for (const std::string cell : {"", "nan", "?", "inf", "-Infinity", "1e999", "+1e39"}) {
    CAPTURE(cell);
    write("gap.csv", cell + "," + cell + "," + cell + "\n1000,1100,1200\n");
    check_refused(adsp(predict + file("gap.csv")), 2,
                  "gap.csv:1: column 1: found \"" + cell +
                      "\", expected a number that a float can hold");
  }
  write("names.csv", "1x1,\"b, c\",info\n1000,1100,1200\n");
  CHECK(adsp(predict + file("names.csv")).exit == 0);
  for (const std::string none : {"", "\n\n"}) {
    write("none.csv", none);
    check_refused(adsp(predict + file("none.csv")), 2, "none.csv: is empty, expected rows");
  }
  write("t.csv", lines);
  train("", "kind = 'softmax'\n", "libsvm");
  write("new.csv", "0,3\n3,0\n");
  CHECK(adsp(predict + file("new.csv")).output == "prediction\n-1\n7\n");
}

TEST_CASE_FIXTURE(tables, "images: a row of pixels is a sample, divided as in training") {
  // Training and test of 40 images of 1 x 2 pixels: the brighter one is the class.
  std::string images{"\0\0\x08\3\0\0\0\x28\0\0\0\1\0\0\0\2", 16};
  std::string labels{"\0\0\x08\1\0\0\0\x28", 8};
  for (int i = 0; i < 40; ++i) {
    images += i % 2 == 0 ? "\xff\x10" : "\x10\xff";
    labels += static_cast<char>(i % 2);
  }
  for (const std::string part : {"train", "t10k"}) {
    write(part + "-images-idx3-ubyte", images);
    write(part + "-labels-idx1-ubyte", labels);
  }
  write("t.toml", "[job]\nmax_steps = 200\n[data]\nsource = 'idx'\npath = '" + path.string() +
                      "'\n[model]\nkind = 'softmax'\n[sync]\npolicy = 'bsp'\n"
                      "[[workers]]\nstep_seconds = 0.01\n");
  REQUIRE(adsp("simulate " + file("t.toml") + " -q --out " + file("r")).exit == 0);
  const auto predict = "predict " + file("r/model.adsp") + " ";
  write("new.csv", "left,right\n200,3\n0,90.5\n");
  CHECK(adsp(predict + file("new.csv")).output == "prediction\n0\n1\n");
  write("bright.csv", "200,3\n256,0\n");
  check_refused(adsp(predict + file("bright.csv")), 2,
                "bright.csv:2: column 1: found \"256\", expected a pixel from 0 to 255");
}
