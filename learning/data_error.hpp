// The error that everything throws which reads data.
#pragma once

#include <stdexcept>

namespace adsp::learning {

/// A data set that cannot be read or does not fit; the text names the file, what was found, what
/// was expected and what to do.
class data_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace adsp::learning
