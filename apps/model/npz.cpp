#include "apps/model/npz.hpp"

#include "learning/data/npy_header.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zip.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace adsp::apps {

namespace {

static_assert(std::endian::native == std::endian::little, "an .npy of '<f4' is little-endian");

using archive = std::unique_ptr<zip_t, void (*)(zip_t*)>;
using entry = std::unique_ptr<zip_file_t, int (*)(zip_file_t*)>;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw std::runtime_error{path.string() + ": " + what};
}

std::string text_of_error(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

archive open(const std::filesystem::path& path, int flags) {
  int code = 0;
  archive result{zip_open(path.c_str(), flags, &code), zip_discard};
  if (!result)
    fail(path, fmt::format("cannot be {}: {}", flags == ZIP_RDONLY ? "read as an .npz" : "written",
                           text_of_error(code)));
  return result;
}

/// The shape as Python writes it: "()", "(3,)" or "(3, 4)".
std::string shape_text(const std::vector<std::ptrdiff_t>& x) {
  return fmt::format("({}{})", fmt::join(x, ", "), x.size() == 1 ? "," : "");
}

/// Everything before the numbers; a multiple of 64 bytes (NumPy Enhancement Proposal 1, version
/// 1.0).
std::string npy_header(const learning::tensor& part) {
  auto text = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': {}, }}",
                          shape_text(part.extents));
  constexpr std::size_t fixed = 10;
  text.append(63 - (fixed + text.size()) % 64, ' ');
  text += '\n';
  std::string result{learning::npy_magic};
  result +=
      {'\1', '\0', static_cast<char>(text.size() % 256), static_cast<char>(text.size() / 256)};
  return result + text;
}

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

/// Reads one array of the file, from its first byte to its last.
class npy_reader {
public:
  npy_reader(const std::filesystem::path& path, zip_t* from, zip_uint64_t index,
             const learning::tensor& part)
      : path_{path}, tensor_{part}, entry_{zip_fopen_index(from, index, 0), zip_fclose} {
    if (!entry_)
      fail(std::string{"cannot be read: "} + zip_strerror(from));
  }

  void read(std::span<float> into) {
    check(header());
    take(reinterpret_cast<char*>(into.data()), into.size_bytes());
    char more = 0; // reading the end verifies the checksum
    if (const auto count = zip_fread(entry_.get(), &more, 1); count != 0)
      fail(count < 0 ? "is damaged" : "has more numbers than its shape says");
    const auto wrong = std::ranges::find_if(into, [](float w) { return !std::isfinite(w); });
    if (wrong != into.end())
      fail(fmt::format("holds {} as number {}, expected finite numbers", *wrong,
                       wrong - into.begin() + 1));
  }

private:
  [[noreturn]] void fail(const std::string& what) const {
    apps::fail(path_, fmt::format("array \"{}\" {}", tensor_.name, what));
  }

  void take(char* into, std::size_t size) {
    while (size > 0) {
      const auto count = zip_fread(entry_.get(), into, size);
      if (count <= 0)
        fail(count < 0 ? "is damaged" : "ends too early");
      into += count;
      size -= static_cast<std::size_t>(count);
    }
  }

  std::string header() {
    return learning::read_npy_header([this](char* into, std::size_t size) { take(into, size); },
                                     [this](const std::string& what) { fail(what); });
  }

  void check(const std::string& found) const {
    const auto same = [&](const char* key, const std::string& expected, const char* advice) {
      if (const auto value = learning::npy_value(found, key); value != without_spaces(expected))
        fail(fmt::format("has the {} {}, expected {}{}", key, learning::shown_npy_value(value),
                         expected, advice));
    };
    same("descr", "'<f4'", "; use x.astype(\"float32\")");
    same("fortran_order", "False", "; use numpy.ascontiguousarray(x)");
    same("shape", shape_text(tensor_.extents), "");
  }

  const std::filesystem::path& path_;
  const learning::tensor& tensor_;
  entry entry_;
};

/// Refuses arrays that are not among the tensors, and two arrays of one name.
void refuse_others(const std::filesystem::path& path, zip_t* from,
                   std::span<const learning::tensor> tensors) {
  const auto count = zip_get_num_entries(from, 0);
  std::set<std::string> seen;
  for (zip_int64_t i = 0; i < count; ++i) {
    const auto* raw = zip_get_name(from, static_cast<zip_uint64_t>(i), 0);
    const std::string name = raw != nullptr ? raw : "";
    const bool known = std::any_of(tensors.begin(), tensors.end(),
                                   [&](const auto& x) { return x.name + ".npy" == name; });
    if (!known)
      fail(path, fmt::format("has an array \"{}\", which the model does not have",
                             learning::shown_npy_value(
                                 name.ends_with(".npy") ? name.substr(0, name.size() - 4) : name)));
    if (!seen.insert(name).second)
      fail(path,
           fmt::format("has two arrays \"{}\", expected one", name.substr(0, name.size() - 4)));
  }
}

} // namespace

void write_npz(const std::filesystem::path& path, std::span<const learning::tensor> tensors,
               std::span<const float> values) {
  std::vector<std::string> files; // must outlive the open archive
  files.reserve(tensors.size());
  for (const auto& x : tensors) {
    files.push_back(npy_header(x));
    files.back().append(reinterpret_cast<const char*>(values.data()), x.size() * sizeof(float));
    values = values.subspan(x.size());
  }
  auto out = open(path, ZIP_CREATE | ZIP_TRUNCATE);
  const auto check = [&](bool good) {
    if (!good)
      fail(path, std::string{"cannot be written: "} + zip_strerror(out.get()));
  };
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto* source = zip_source_buffer(out.get(), files[i].data(), files[i].size(), 0);
    check(source != nullptr);
    const auto index =
        zip_file_add(out.get(), (tensors[i].name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0)
      zip_source_free(source);
    check(index >= 0);
    const auto at = static_cast<zip_uint64_t>(index);
    check(zip_set_file_compression(out.get(), at, ZIP_CM_STORE, 0) == 0);
    check(zip_file_set_dostime(out.get(), at, 0, 0x21, 0) == 0); // equal models give equal bytes
  }
  check(zip_close(out.get()) == 0); // writes a temporary file beside `path`, then renames it
  static_cast<void>(out.release());
}

std::vector<float> read_npz(const std::filesystem::path& path,
                            std::span<const learning::tensor> tensors) {
  const auto in = open(path, ZIP_RDONLY);
  refuse_others(path, in.get(), tensors);
  std::size_t size = 0;
  for (const auto& x : tensors)
    size += x.size();
  std::vector<float> result(size);
  std::span<float> rest = result;
  for (const auto& x : tensors) {
    const auto index = zip_name_locate(in.get(), (x.name + ".npy").c_str(), 0);
    if (index < 0)
      fail(path, fmt::format("has no array \"{}\"", x.name));
    npy_reader{path, in.get(), static_cast<zip_uint64_t>(index), x}.read(rest.first(x.size()));
    rest = rest.subspan(x.size());
  }
  return result;
}

} // namespace adsp::apps
