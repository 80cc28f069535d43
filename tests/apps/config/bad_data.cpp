// Data that cannot be, as a user meets it: exit code 2 and one line that says where and what.
#include "tests/apps/program.hpp"
#include "tests/apps/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace fs = std::filesystem;

using program::adsp;
using program::check_refused;

namespace {

struct data_folder : program::scratch_folder {
  data_folder() : scratch_folder{"data"} {
    write("job.toml", "[job]\nmax_steps = 3\n[data]\nsource = 'csv'\ntarget = 'y'\n"
                      "task = 'classification'\npath = '" +
                          file("rows") +
                          "'\n[model]\nkind = 'softmax'\n"
                          "[[workers]]\nstep_seconds = '1ms'\n");
  }

  /// `run` of `rows` is refused with `text`.
  void refuses(const std::string& rows, const std::string& text,
               const std::string& settings = "") const {
    write("rows", rows);
    check_refused(adsp("run " + file("job.toml") + " --out " + file("out") + settings), 2, text);
    CHECK(!fs::exists(path / "out"));
  }
};

} // namespace

TEST_CASE_FIXTURE(data_folder, "tables: the place, what was found, what was expected") {
  refuses("", "rows: is empty, expected a header and rows");
  refuses("a,y\n1,p\n2\n", "rows:3: has 1 cell, expected 2");
  refuses("a,y\n1,p\nx,q\n",
          "rows:3: column \"a\": found \"x\", expected a number that a float can hold");
  refuses(",y\n1,p\nx,q\n",
          "rows:3: column 1: found \"x\", expected a number that a float can hold");
  refuses("a,y\n1,p\nnan,q\n", "rows:3: column \"a\": found \"nan\"");
  refuses("a,y\n-inf,p\n2,q\n", "rows:2: column \"a\": found \"-inf\"");
  refuses("a,y\n1,p\n\"2,q\n", "rows:3: column 1: found a quote that is not closed");
  refuses("a,a,y\n1,2,p\n", "rows:1: has two columns \"a\"");
  refuses("a,b\n1,p\n", "rows:1: has no column \"y\", expected one of \"a\", \"b\"");
  refuses("a,y\n1,p\n2,p\n3,p\n4,p\n", "expected at least two classes");
  refuses("a,y\n1,p\n2,q\n1,p\n2,q\n1,p\n2,q\n1,p\n2,q\n", "rows: found no sample of class",
          " --set data.train_limit=1");
}

TEST_CASE_FIXTURE(data_folder, "sparse lines, lists and images") {
  const std::string sparse = " --set data.source=libsvm";
  refuses("1 1:2\n0 3:1 2:4\n", "rows:2: column 3: found \"2:4\", expected an index above 3",
          sparse);
  refuses("1 0:2\n", "rows:1: column 2: found \"0:2\", expected index:value", sparse);
  refuses("1\nx\n", "rows:2: found \"x\", expected one number a line that a float can hold",
          " --set data.source=series --set data.task=bins");
  const auto cifar = " --set data.source=cifar10 --set data.path=" + path.string();
  refuses("", "data_batch_1.bin: cannot be read", cifar);
  for (const auto* name : {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4",
                           "data_batch_5", "test_batch"})
    write(std::string{name} + ".bin", std::string(3073, '\3'));
  refuses("", "data_batch_1.bin and the others: found no sample of class \"0\"", cifar);
  write("data_batch_2.bin", std::string(3073, '\12'));
  refuses("", "data_batch_2.bin: record 0 at byte 0: found label 10, expected 0 to 9", cifar);
  write("data_batch_2.bin", std::string(3072, '\3'));
  refuses("", "data_batch_2.bin: has 3072 bytes", cifar);
}

TEST_CASE_FIXTURE(data_folder, "check: images of another size, of another place, cut off") {
  const auto idx = [&](const std::string& name, std::string_view sizes, std::size_t content) {
    write(name, std::string{"\0\0\x08", 3}.append(sizes) + std::string(content, '\1'));
  };
  const std::string images{"\3\0\0\0\x14\0\0\0\3\0\0\0\3", 13}; // 20 of 3 x 3
  const std::string labels{"\1\0\0\0\x14", 5};
  for (const std::string part : {"train", "t10k"}) {
    idx(part + "-images-idx3-ubyte", images, 180);
    idx(part + "-labels-idx1-ubyte", labels, 0);
    std::ofstream more{path / (part + "-labels-idx1-ubyte"), std::ios::binary | std::ios::app};
    for (int i = 0; i < 20; ++i)
      more.put(static_cast<char>(i % 2));
  }
  write("job.toml", "[job]\nmax_steps = 3\n[data]\nsource = 'idx'\npath = '" + path.string() +
                        "'\n[model]\nkind = 'softmax'\n[[workers]]\nstep_seconds = '1ms'\n");
  const auto check = "check " + file("job.toml") + " ";
  const auto sound = adsp(check);
  CAPTURE(sound.output);
  REQUIRE(sound.exit == 0);
  check_refused(adsp(check + "--set model.kind=cnn"), 2, "the data's samples are 3 x 3 x 1");
  check_refused(adsp(check + "--set data.source=cifar10"), 2, "data_batch_1.bin: cannot be read");
  check_refused(adsp(check + "--set data.path=" + file("none")), 2,
                "none/train-labels-idx1-ubyte: found neither this file nor");
  check_refused(adsp(check + "--set data.path=''"), 2, "add --set data.path=PATH to the command");
  // A model made for these images, and others of another size.
  REQUIRE(adsp("run " + file("job.toml") + " -q --out " + file("r")).exit == 0);
  const auto evaluate = "evaluate " + file("r/model.adsp") + " --data ";
  check_refused(adsp(evaluate + "/usr/share/datasets/fashion-mnist"), 2,
                "found label 9, expected 0 to 1");
  fs::create_directory(path / "wide");
  idx("wide/t10k-images-idx3-ubyte", {"\3\0\0\0\x14\0\0\0\4\0\0\0\3", 13}, 240);
  fs::copy(path / "t10k-labels-idx1-ubyte", path / "wide");
  check_refused(adsp(evaluate + file("wide")), 2, "the model takes samples of 3 x 3 x 1");
  fs::resize_file(path / "train-images-idx3-ubyte", 100);
  check_refused(adsp(check), 2,
                "train-images-idx3-ubyte: ends after 84 bytes of content, expected 180");
}
