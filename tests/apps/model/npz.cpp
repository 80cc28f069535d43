// Weights as .npz: they come back, NumPy reads them, and a bad file is an error that says what is
// wrong.
#include "apps/model/npz.hpp"
#include "tests/apps/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>

using namespace adsp;
using namespace adsp::apps;
namespace fs = std::filesystem;

namespace {

struct folder : program::scratch_folder {
  folder() : scratch_folder{"npz"} { write_npz(file(), tensors, values); }

  fs::path file() const { return path / "x.npz"; }
  std::string bytes() const { return text("x.npz"); }
  void write(const std::string& bytes) const { scratch_folder::write("x.npz", bytes); }

  /// The error of reading with these tensors, or nothing.
  std::string trouble(const std::vector<learning::tensor>& as) const try {
    read_npz(file(), as);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }

  /// Runs a line of Python with NumPy as `n` and the file as `f`.
  bool python(const std::string& line) const {
    return std::system(("/usr/bin/python3 -c 'import numpy as n; f=\"" + file().string() + "\"; " +
                        line + "' 2>/dev/null")
                           .c_str()) == 0;
  }

  std::vector<learning::tensor> tensors = {{"0.dense.weights", {2, 3}}, {"0.dense.biases", {2}}};
  std::vector<float> values = {1, -2, 0.5F, 1e-30F, 5, 6, 7, 8};
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE_FIXTURE(folder, "weights come back, and equal weights make equal files") {
  CHECK(read_npz(file(), tensors) == values);
  const auto before = bytes();
  write_npz(file(), tensors, values);
  CHECK(bytes() == before);
}

TEST_CASE_FIXTURE(folder, "NumPy reads what is written, and its files are read") {
  REQUIRE_MESSAGE(python("pass"), "/usr/bin/python3 has no NumPy; install python3-numpy");
  CHECK(python("x=n.load(f); w=x[\"0.dense.weights\"]; assert w.dtype==n.float32; "
               "assert w.tolist()[0]==[1,-2,0.5]; assert w.shape==(2,3); "
               "assert x[\"0.dense.biases\"].tolist()==[7,8]; assert len(x.files)==2"));
  for (const auto* save : {"savez", "savez_compressed"}) {
    REQUIRE(
        python("x=dict(n.load(f)); x[\"0.dense.biases\"]+=1; n." + std::string{save} + "(f, **x)"));
    CHECK(read_npz(file(), tensors)[7] > 8);
  }
  const auto wrong = [&](const std::string& change, const std::string& expected) {
    write_npz(file(), tensors, values);
    REQUIRE(python("x=dict(n.load(f)); w=x[\"0.dense.weights\"]; " + change + "; n.savez(f, **x)"));
    const auto found = trouble(tensors);
    CAPTURE(found);
    CHECK(has(found, expected));
  };
  wrong("x[\"0.dense.weights\"]=w.astype(float)", "has the descr '<f8', expected '<f4'");
  wrong("x[\"0.dense.weights\"]=n.asfortranarray(w)", "has the fortran_order True");
  wrong("x[\"0.dense.weights\"]=w.T.copy()", "has the shape (3,2), expected (2, 3)");
  wrong("del x[\"0.dense.weights\"]", "has no array \"0.dense.weights\"");
  wrong("x[\"y\"]=w", "has an array \"y\", which the model does not have");
  write_npz(file(), tensors, values);
  REQUIRE(python("import zipfile, warnings; warnings.simplefilter(\"ignore\"); "
                 "z=zipfile.ZipFile(f, \"a\"); "
                 "z.writestr(\"0.dense.biases.npy\", z.read(\"0.dense.biases.npy\")); z.close()"));
  CHECK(has(trouble(tensors), "has two arrays \"0.dense.biases\", expected one"));
}

TEST_CASE_FIXTURE(folder, "tensors that are others than the file's are named") {
  CHECK(has(trouble({{"0.dense.weights", {3, 2}}, tensors[1]}), "expected (3, 2)"));
  CHECK(
      has(trouble({tensors[0]}), "has an array \"0.dense.biases\", which the model does not have"));
  CHECK(has(trouble({tensors[0], tensors[1], {"1.x", {1}}}), "has no array \"1.x\""));
}

TEST_CASE_FIXTURE(folder, "what is no number is refused, with the array it is in") {
  for (const auto bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    auto wrong = values;
    wrong[7] = bad;
    write_npz(file(), tensors, wrong);
    CHECK(has(trouble(tensors), "array \"0.dense.biases\" holds "));
    CHECK(has(trouble(tensors), " as number 2, expected finite numbers"));
  }
}

TEST_CASE_FIXTURE(folder, "a damaged file is refused or read as it was, never a crash") {
  const auto good = bytes();
  for (std::size_t size = 0; size < good.size(); ++size) {
    write(good.substr(0, size));
    CHECK_FALSE(trouble(tensors).empty());
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto text = good;
    text[i] = static_cast<char>(text[i] ^ 0x11);
    write(text);
    // A changed time or version of the zip harms nothing.
    if (trouble(tensors).empty())
      CHECK(read_npz(file(), tensors) == values);
  }
  fs::remove(file());
  CHECK(has(trouble(tensors), "cannot be read as an .npz"));
  CHECK_THROWS_AS(write_npz(path / "none" / "x.npz", tensors, values), std::runtime_error);
}
