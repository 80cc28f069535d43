// What every function here throws when a file, a name or a certificate is not what it must be.
#pragma once

#include <stdexcept>

namespace adsp::security {

/// One line: the file where there is one, what is wrong, and what to do.
class security_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace adsp::security
