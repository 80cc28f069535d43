// Rows and cells of text: whole over blocks, numbers the nearest doubles, files that change.
#include "learning/data/text/text_rows.hpp"
#include "learning/data_error.hpp"
#include "learning/random.hpp"
#include "tests/learning/data/sources/idx_files.hpp"

#include <doctest/doctest.h>

#include <charconv>
#include <cmath>
#include <fstream>

using namespace adsp::learning;

TEST_CASE("a count has its noun in the number that it needs") {
  CHECK(counted(0, "row") == "0 rows");
  CHECK(counted(1, "row") == "1 row");
  CHECK(counted(2, "row") == "2 rows");
}

TEST_CASE("a file that shrinks or grows while it is read is an error") {
  temporary_folder folder;
  const auto file = folder.path / "table";
  const auto write_text = [&](std::size_t lines) {
    std::ofstream out(file);
    for (std::size_t i = 0; i < lines; ++i)
      out << "1,2,3\n";
  };
  write_text(500'000);
  text_rows rows(file, ',');
  std::vector<std::string_view> cells;
  REQUIRE(rows.next(cells));
  std::filesystem::resize_file(file, 1'000'000);
  CHECK_THROWS_WITH_AS(
      [&] {
        while (rows.next(cells))
          ;
      }(),
      doctest::Contains("ends after 1000000 bytes, expected 3000000; the file has changed"),
      data_error);
}

TEST_CASE("rows that cross blocks are whole") {
  temporary_folder folder;
  const auto file = folder.path / "table";
  {
    std::ofstream out(file, std::ios::binary);
    for (int i = 0; i < 3000; ++i)
      out << i << ",\"" << std::string(static_cast<std::size_t>(i), 'x') << "\"\"\n\",z\r\n";
  }
  text_rows rows(file, ',');
  std::vector<std::string_view> cells;
  for (int i = 0; i < 3000; ++i) {
    REQUIRE(rows.next(cells));
    REQUIRE(cells.size() == 3);
    CHECK(cells[0] == std::to_string(i));
    CHECK(cells[1] == std::string(static_cast<std::size_t>(i), 'x') + "\"\n");
    CHECK(cells[2] == "z");
    CHECK(rows.line() == static_cast<std::size_t>(2 * i + 1));
  }
  CHECK(!rows.next(cells));
  CHECK(text_rows(file, ',').count() == 3000);
}

TEST_CASE("numbers are the nearest doubles") {
  generator random(1, "numbers");
  for (int i = 0; i < 200'000; ++i) {
    std::string text = random.below(2) == 0 ? "-" : "";
    for (auto digits = random.below(18); digits > 0; --digits)
      text += static_cast<char>('0' + random.below(10));
    text += random.below(4) == 0 ? "" : ".";
    for (auto digits = random.below(18); digits > 0; --digits)
      text += static_cast<char>('0' + random.below(10));
    double expected = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, expected);
    const auto found = number_of(text);
    REQUIRE(found.has_value() == (read.ec == std::errc{} && read.ptr == end));
    if (found && !(*found == expected && std::signbit(*found) == std::signbit(expected)))
      FAIL(text);
  }
  for (const auto* text : {"", ".", "-", "+", "-.", "1.2.3", "1e", "--1", "1-"})
    CHECK(!number_of(text));
}

TEST_CASE("plain numbers are read on the way through a row") {
  temporary_folder folder;
  const auto file = folder.path / "numbers";
  const auto row_of = [&](const std::string& text, char delimiter) {
    std::ofstream(file, std::ios::binary) << text;
    text_rows rows(file, delimiter);
    std::vector<std::string_view> cells;
    REQUIRE(rows.next(cells));
    REQUIRE(rows.numbers().size() == cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (!std::isnan(rows.numbers()[i])) // else the careful way is to say what it is
        CHECK(rows.numbers()[i] == number_of(cells[i]));
    return std::vector<double>(rows.numbers().begin(), rows.numbers().end());
  };
  const auto plain = row_of("1.5,-20.25,.5,7.\r\n", ',');
  CHECK(plain == std::vector<double>{1.5, -20.25, 0.5, 7});
  for (const auto x : row_of("+1,1e3, 2,3 ,\"4\",1.2.3,-,.,,x,5x,1234567890123456,1-2", ','))
    CHECK(std::isnan(x));
  for (const auto delimiter : {'.', '-', '1'}) // cells end there, whatever a number may hold
    for (const auto x : row_of("2.31-51.7", delimiter))
      CHECK(std::isnan(x));
}

TEST_CASE("texts are shown in one line, cut where characters end") {
  std::string letters;
  for (int i = 0; i < 41; ++i)
    letters += "\xe2\x82\xac"; // a euro sign
  CHECK(shown("a b") == "\"a b\"");
  CHECK(shown(letters.substr(3)) == "\"" + letters.substr(3) + "\"");
  CHECK(shown(letters) == "\"" + letters.substr(3) + "...\"");
  CHECK(printable(letters, 2) == letters.substr(0, 6));
  CHECK(printable("a\n\x1b[1m\x7f\xc2\x9b", 40) == "a??[1m??"); // C0, DEL, C1
  // No UTF-8: begins in the middle, ends too early, two bytes for what takes one, above U+10FFFF.
  CHECK(printable("\x82x\xe2\x82", 40) == "?x??");
  CHECK(printable("\xc0\xaf\xf5\x80\x80\x80", 40) == "??????");
}

TEST_CASE("rows of a text in memory are those of a file with the same bytes") {
  temporary_folder folder;
  const auto file = folder.path / "rows";
  for (const std::string text : {"", "a,b\n1,\"x, \"\"y\"\"\"\n",
                                 "\xef\xbb\xbf"
                                 "a\r\n\n-2.5",
                                 "1,2\n3,4"}) {
    CAPTURE(text);
    std::ofstream(file, std::ios::binary) << text;
    text_rows from_file(file, ',');
    text_rows from_memory("memory", text, ',');
    std::vector<std::string_view> cells;
    std::vector<std::string_view> others;
    while (from_file.next(cells)) {
      REQUIRE(from_memory.next(others));
      CHECK(others == cells);
      CHECK(from_memory.line() == from_file.line());
    }
    CHECK(!from_memory.next(others));
    CHECK(from_memory.checksum() == from_file.checksum());
  }
  text_rows open("memory", "a\n\"b\n", ',');
  std::vector<std::string_view> cells;
  REQUIRE(open.next(cells));
  CHECK_THROWS_WITH_AS(open.next(cells), doctest::Contains("memory:2: column 1: found a quote"),
                       data_error);
}
