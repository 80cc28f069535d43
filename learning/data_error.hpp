// The error that all readers of data throw.
#pragma once

#include <stdexcept>

namespace adsp::learning {

/// A data set cannot be read or does not fit; the text names the file, what was found, what was
/// expected and what to do.
class data_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace adsp::learning
