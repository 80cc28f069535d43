// The configs that come with the project: all sound, and one that explains keys.
#include "apps/config/config.hpp"
#include "apps/config/key_page.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

using namespace adsp;
using namespace adsp::apps;

namespace {

/// Every key that the parser knows, without the numbers of lists: "workers.throttle.from".
std::set<std::string> known_keys() {
  const auto read =
      parse_config("[[model.layer]]\nkind = 'dense'\n[[cluster.allow]]\n[[workers]]\n"
                   "throttle = [{ from = 1 }]\n[[workers]]\nstep_seconds_file = 'x'\n",
                   "x.toml", {});
  std::set<std::string> keys;
  for (const auto& key : read.known)
    keys.insert(std::regex_replace(key, std::regex{"\\[[0-9]+\\]"}, ""));
  return keys;
}

/// The lines of a config by the table they are in, those that are commented out too.
std::map<std::string, std::string> tables_of(const std::filesystem::path& file) {
  std::map<std::string, std::string> tables;
  std::string table;
  std::ifstream in{file};
  std::smatch found;
  for (std::string line; std::getline(in, line);)
    if (std::regex_search(line, found, std::regex{"^(?:# )?\\[+([a-z.]+)\\]+"}))
      tables[table = found[1]];
    else
      tables[table] += line + "\n";
  return tables;
}

} // namespace

TEST_CASE("every config of the project is sound") {
  std::size_t configs = 0;
  for (const auto& entry : std::filesystem::directory_iterator{ADSP_CONFIGS}) {
    CAPTURE(entry.path());
    std::string errors;
    for (const auto& error : read_config(entry.path(), {"data.path=x"}).errors)
      errors += error.key == "data.path" ? "" : to_string(error) + "\n"; // a quadratic has none
    CHECK(errors == "");
    ++configs;
  }
  CHECK(configs > 5);
}

TEST_CASE("every key that is read is explained on the page of keys, every table in the example") {
  const auto tables = tables_of(std::filesystem::path{ADSP_CONFIGS} / "fashion-adsp.toml");
  const auto page = key_page();
  const auto keys = known_keys();
  CHECK(keys.size() > 100);
  for (const auto& path : keys) {
    CAPTURE(path);
    const auto dot = path.rfind('.');
    const auto key = path.substr(dot + 1); // npos + 1 is 0
    if (dot == std::string::npos)
      CHECK(tables.contains(path)); // a table
    else
      CHECK(page.find("- **" + key + "** (") != std::string::npos);
  }
}

TEST_CASE("the example names no key that there is not") {
  const auto keys = known_keys();
  const auto tables = tables_of(std::filesystem::path{ADSP_CONFIGS} / "fashion-adsp.toml");
  std::size_t named = 0;
  const std::regex line{"(?:^|\n)(?:# )?([a-z0-9_]+) = "};
  for (const auto& [table, text] : tables)
    for (std::sregex_iterator at{text.begin(), text.end(), line}, end; at != end; ++at, ++named) {
      const auto key = table + "." + (*at)[1].str();
      CAPTURE(key);
      CHECK(keys.contains(key));
    }
  CHECK(named > 80);
}
