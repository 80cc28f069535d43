// The bytes of an .npy, NumPy's file of one array.
#pragma once

#include <cstring>
#include <string>
#include <vector>

namespace adsp::learning {

/// A file of numbers of the type that NumPy calls `descr`.
template <class T>
std::string npy(const std::string& descr, const std::string& shape, const std::vector<T>& numbers,
                const std::string& order = "False") {
  const auto text =
      "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  std::string bytes{"\x93NUMPY\1\0", 8};
  bytes += static_cast<char>(text.size());
  bytes += '\0';
  bytes += text;
  const auto start = bytes.size();
  bytes.resize(start + numbers.size() * sizeof(T));
  std::memcpy(bytes.data() + start, numbers.data(), numbers.size() * sizeof(T));
  return bytes;
}

} // namespace adsp::learning
