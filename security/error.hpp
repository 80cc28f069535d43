// Thrown by all functions here if a file, a name or a certificate is invalid.
#pragma once

#include <stdexcept>

namespace adsp::security {

/// One line: the file if there is one, what is wrong, and what to do.
class security_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace adsp::security
