// Lists of layers that cannot be, as `adsp check` meets them: exit code 2 and one line that says
// which layer, what it takes and what it gets.
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

const std::string images = "source = 'fashion-mnist'\ntrain_limit = 200\ntest_limit = 20\n";
const std::string dense = "[[model.layer]]\nkind = 'dense'\nunits = 12\n";

std::string of(const std::string& kind, const std::string& keys = "") {
  return "[[model.layer]]\nkind = '" + kind + "'\n" + keys;
}

struct layers_folder : program::scratch_folder {
  layers_folder() : scratch_folder{"layers"} {
    std::ofstream list{path / "list"};
    for (int i = 0; i < 60; ++i)
      list << i * 7 % 5 << "\n";
  }

  std::string series() const {
    return "source = 'series'\nwindow = 6\nbins = 2\nscale = 'none'\npath = '" + file("list") +
           "'\n";
  }

  program::outcome check(const std::string& data, const std::string& model) const {
    std::ofstream{path / "job.toml"} << "[job]\nmax_steps = 3\n[data]\n" + data + "[model]\n" +
                                            model + "[[workers]]\nstep_seconds = '1ms'\n";
    return adsp("check " + file("job.toml"));
  }

  void refuses(const std::string& data, const std::string& layers, const std::string& text) const {
    check_refused(check(data, "kind = 'layers'\n" + layers), 2, text);
  }

  void accepts(const std::string& data, const std::string& layers) const {
    const auto found = check(data, "kind = 'layers'\n" + layers);
    CAPTURE(found.output);
    CHECK(found.exit == 0);
  }
};

} // namespace

TEST_CASE_FIXTURE(layers_folder, "wrong order") {
  refuses(images, dense + of("conv2d", "filters = 4\nkernel = 3\n"),
          "layer 1 (conv2d): a kernel of 3 x 3 takes an image, and gets 12 numbers without height "
          "and width; the data's samples are 28 x 28 x 1");
  refuses(images, dense + of("max_pool", "kernel = 2\n"),
          "layer 1 (max_pool): a kernel of 2 x 2 takes an image, and gets 12 numbers");
  refuses(
      series(), of("gru", "units = 4\n") + of("lstm", "units = 4\n"),
      "layer 1 (lstm): it takes a series of steps x 1 x numbers, and gets 4 numbers without "
      "steps; an lstm or gru before it needs sequence = true; the data's samples are 6 x 1 x 1");
  accepts(series(), of("gru", "units = 4\nsequence = true\n") + of("lstm", "units = 4\n"));
}

TEST_CASE_FIXTURE(layers_folder, "a kernel larger than the image") {
  refuses(images, of("conv2d", "filters = 4\nkernel = 29\npadding = 0\n"),
          "layer 0 (conv2d): a kernel of 29 x 29 does not fit an input of 28 x 28 x 1");
}

TEST_CASE_FIXTURE(layers_folder, "a pool that does not fit what the layers before leave") {
  const auto pool = of("average_pool", "kernel = 14\n");
  refuses(images, pool + of("max_pool", "kernel = 3\n"),
          "layer 1 (max_pool): a kernel of 3 x 3 does not fit an input of 2 x 2 x 1; the data's "
          "samples are 28 x 28 x 1");
  accepts(images, pool + of("max_pool", "kernel = 2\n"));
}

TEST_CASE_FIXTURE(layers_folder, "an embedding that is not first, or has no vocabulary or units") {
  refuses(series(), of("tanh") + of("embedding", "vocabulary = 5\nunits = 3\n"),
          "layer 1 (embedding): tokens are the data's numbers; it must be the first layer");
  refuses(series(), of("embedding", "vocabulary = 0\nunits = 3\n"),
          "model.layer[0].vocabulary: found 0, expected a whole number of at least 1");
  refuses(series(), of("embedding", "vocabulary = 16777217\nunits = 3\n"),
          "model.layer[0].vocabulary: found 16777217");
  refuses(series(), of("embedding", "units = 3\n"),
          "model.layer[0].vocabulary: a layer of kind \"embedding\" needs it");
  refuses(series(), of("embedding", "vocabulary = 5\n"),
          "model.layer[0].units: a layer of kind \"embedding\" needs it");
  accepts(series(), of("embedding", "vocabulary = 5\nunits = 3\n") + of("gru", "units = 4\n"));
}

TEST_CASE_FIXTURE(layers_folder, "a rate outside [0, 1)") {
  for (const std::string rate : {"1.0", "1", "-0.1", "nan", "inf", "'half'"}) {
    CAPTURE(rate);
    refuses(images, of("dropout", "rate = " + rate + "\n"), "model.layer[0].rate: found " + rate);
  }
  refuses(images, of("relu", "rate = 0.5\n"),
          "model.layer[0].rate: a layer of kind \"relu\" does not read it; dropout does");
  accepts(images, of("dropout", "rate = 0\n"));
}

TEST_CASE_FIXTURE(layers_folder, "missing units, an unknown kind, no kind") {
  for (const std::string kind : {"dense", "lstm", "gru"})
    refuses(images, of("relu") + of(kind),
            "model.layer[1].units: a layer of kind \"" + kind + "\" needs it");
  refuses(images, of("dense", "units = 0\n"), "model.layer[0].units: found 0");
  refuses(images, of("transformer"),
          "model.layer[0].kind: found 'transformer', expected one of dense, conv2d");
  refuses(images, "[[model.layer]]\nunits = 3\n", "model.layer[0].kind: a layer needs it");
}

TEST_CASE_FIXTURE(layers_folder, "a step that no memory holds") {
  check_refused(check(images, "kind = 'cnn'\n[optimizer]\nbatch_size = 1000000\n"), 2,
                "layer 0 (conv2d): a step of optimizer.batch_size = 1000000 samples takes");
  const auto wide = of("conv2d", "filters = 65536\nkernel = 3\n") + of("max_pool", "kernel = 28\n");
  refuses(images, wide, "layer 0 (conv2d): a step of optimizer.batch_size = 64 samples takes");
  refuses(images, wide,
          "lower optimizer.batch_size or filters, kernel or padding of this model.layer");
  refuses(images,
          of("conv2d", "filters = 1\nkernel = 4096\npadding = 4095\n") +
              of("max_pool", "kernel = 4096\n"),
          "layer 0 (conv2d): a step of optimizer.batch_size = 64 samples takes");
  const auto run = program::adsp("run " + file("job.toml") + " --out " + file("out"));
  check_refused(run, 2, "layer 0 (conv2d): a step of");
  CHECK(!fs::exists(file("out")));
}

TEST_CASE_FIXTURE(layers_folder, "no layers, or layers of another kind of model") {
  refuses(images, "", "model.layer: model.kind = \"layers\" needs a list of them");
  refuses(images, "layer = []\n", "model.layer: model.kind = \"layers\" needs a list of them");
  refuses(images, "layer = [3]\n", "model.layer: found [ 3 ], expected a list of tables");
  check_refused(check(images, "kind = 'mlp'\n" + dense), 2,
                "model.layer: is not read by "
                "model.kind = \"mlp\"; \"layers\" does");
  check_refused(check(images, dense), 2,
                "model.layer: is not read by "
                "model.kind = \"mlp\"; \"layers\" does");
}
