// Configs in TOML. One without mistakes, written out and read again, is still one.
#include "apps/config/config.hpp"
#include "tests/fuzz/targets.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace adsp::fuzz {

const target config{"config",
                    [](std::string_view bytes) {
                      const auto found = apps::parse_config(bytes, "fuzz.toml", {});
                      if (!found.errors.empty())
                        return;
                      const auto text = apps::to_toml(found.value);
                      const auto again = apps::parse_config(text, "written.toml", {});
                      if (!again.errors.empty())
                        throw std::logic_error{to_string(again.errors.front()) + " in\n" + text};
                      if (apps::to_toml(again.value) != text)
                        throw std::logic_error{"written once more, it is another config:\n" + text};
                    },
                    [] {
                      std::vector<std::string> examples;
                      for (const auto& entry : std::filesystem::directory_iterator{ADSP_CONFIGS}) {
                        std::ifstream in{entry.path(), std::ios::binary};
                        if (entry.path().extension() == ".toml")
                          examples.emplace_back(std::istreambuf_iterator<char>{in},
                                                std::istreambuf_iterator<char>{});
                      }
                      return examples;
                    }};

} // namespace adsp::fuzz
