// What is said of a saved model that is not as it was saved: by every command that reads one.
#include "tests/apps/program.hpp"
#include "tests/apps/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace fs = std::filesystem;

using program::adsp;
using program::check_refused;

namespace {

/// A trained model of a table, and what the file held.
struct trained : program::scratch_folder {
  trained() : scratch_folder{"damage"} {
    std::string table = "size,kind\n";
    for (int i = 0; i < 100; ++i)
      table += std::to_string(i) + (i < 50 ? ",small\n" : ",large\n");
    write("t.csv", table);
    write("t.toml", "[job]\nmax_steps = 50\n[data]\nsource = 'csv'\ntarget = "
                    "'kind'\ntask = 'classification'\npath = '" +
                        file("t.csv") +
                        "'\n[model]\nkind = 'softmax'\n"
                        "[[workers]]\nstep_seconds = 0.01\n");
    const auto x = adsp("simulate " + file("t.toml") + " -q --out " + file("r"));
    CAPTURE(x.output);
    REQUIRE(x.exit == 0);
    whole = text("r/model.adsp");
    REQUIRE(whole.size() > 200);
  }

  void put(const std::string& bytes) const { write("r/model.adsp", bytes); }

  /// The file is named, and `why` it is refused.
  void check_damaged(const std::string& bytes, const std::string& why) const {
    put(bytes);
    check_refused(adsp("evaluate " + model), 2, "adsp: " + model + ": " + why);
  }

  std::string model = file("r/model.adsp");
  std::string whole;
};

} // namespace

TEST_CASE_FIXTURE(trained, "evaluate refuses a model of which one byte has changed") {
  CHECK(adsp("evaluate " + model).exit == 0);
  // 8 bytes of name, 4 of version, 4 of checksum, 8 of length, then what they are of.
  const std::pair<std::size_t, const char*> places[] = {
      {0, "not a model file; expected a model.adsp"},
      {8, "damaged: the checksum is wrong"}, // version 4, whose payload is another
      {9, "model format "},
      {12, "damaged: the checksum is wrong"},
      {16, "damaged: "},
      {23, "damaged: "},
      {24, "damaged: the checksum is wrong"},
      {whole.size() / 2, "damaged: the checksum is wrong"},
      {whole.size() - 1, "damaged: the checksum is wrong"}};
  for (const auto& damage : places) {
    const auto place = damage.first; // clang 14 captures no structured binding
    CAPTURE(place);
    auto bytes = whole;
    bytes[place] ^= 1;
    check_damaged(bytes, damage.second);
  }
}

TEST_CASE_FIXTURE(trained, "evaluate refuses a model that ends too early or too late") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{23}}) {
    CAPTURE(size);
    check_damaged(whole.substr(0, size), "not a model file: it is too short");
  }
  for (const auto size : {std::size_t{24}, whole.size() / 2, whole.size() - 1}) {
    CAPTURE(size);
    check_damaged(whole.substr(0, size),
                  "damaged: found " + std::to_string(size - 24) + " bytes after the header");
  }
  check_damaged(whole + "\n", "damaged: ");
  put(whole);
  CHECK(adsp("evaluate " + model).exit == 0);
}

TEST_CASE_FIXTURE(trained,
                  "whatever else reads a damaged model refuses it too, and writes nothing") {
  auto bytes = whole;
  bytes.back() ^= 1;
  put(bytes);
  const auto table = (path / "t.csv").string();
  const auto made = (path / "made").string();
  for (const auto& command :
       {"predict " + model + " " + table + " --out " + made, "export " + model + " " + made,
        "import " + model + " " + table + " --out " + made}) {
    CAPTURE(command);
    check_refused(adsp(command), 2, "adsp: " + model + ": damaged: the checksum is wrong");
    CHECK_FALSE(fs::exists(made));
  }
}
