// Tables in text, and lists of numbers. The first byte chooses how the table is read.
#include "learning/data/sources/load.hpp"
#include "learning/data/text/number_files.hpp"
#include "learning/data_error.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tests/fuzz/targets.hpp"

#include <array>

namespace adsp::fuzz {

namespace {

learning::data_options options_of(unsigned char choice, const std::string& path) {
  static constexpr std::array tasks{"classification", "regression", "bins"};
  static constexpr std::array missing{"error", "mean", "drop"};
  static constexpr std::array scales{"standard", "minmax", "none"};
  learning::data_options options;
  options.source = "csv";
  options.path = path;
  options.task = tasks[choice % 3];
  options.missing = missing[choice / 3 % 3];
  options.scale = scales[choice / 9 % 3];
  options.header = choice < 200;
  options.target = options.header ? "y" : "2";
  options.bins = 2;
  if (choice / 27 % 2 == 1)
    options.one_hot = {options.header ? "x" : "1"};
  return options;
}

void load_and_test(const learning::data_options& options) {
  try {
    const auto found = learning::load(options);
    learning::load_test(options, found.prepared, found.train.input, found.train.classes);
  } catch (const learning::data_error&) {
  }
}

} // namespace

const target table{
    "table",
    [](std::string_view bytes) {
      if (bytes.empty())
        return;
      const memory_file file{bytes.substr(1)};
      auto options = options_of(static_cast<unsigned char>(bytes.front()), file.path());
      load_and_test(options);
      options.delimiter = ";";
      load_and_test(options);
      options.source = "series";
      options.window = 1;
      load_and_test(options);
      try {
        learning::read_numbers(file.path());
      } catch (const learning::data_error&) {
      }
    },
    [] {
      const std::string plain = "x,y\n1,a\n2,b\n3,a\n4,b\n5,a\n6,b\n7,a\n8,b\n";
      return std::vector<std::string>{
          '\0' + plain,
          '\x1b' + plain,
          "\1x,y\n1,2\n2,4\n,6\n4,8\n5,10\n6,12\n7,14\n8,16\n",
          "\4\xEF\xBB\xBFx,y\r\n1,2\r\n2,4\r\n,6\r\n\"4\",8\r\n5,10\r\n6,1e3\r\n7,-.5\r\n",
          "\2x;y\n\"a \"\"b\"\"\";1\nc;2\n\"d\ne\";3\nf;4\ng;5\nh;6\n",
          std::string{"\xC9"} + "1,2\n3,4\n5,6\n7,8\n9,10\n11,12\n",
          "\1 1\n2\n3.5\n\n-4e-2\n5\n6\n7\n8\n9\n10\n"};
    }};

} // namespace adsp::fuzz
