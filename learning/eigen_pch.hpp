// Precompiled: Eigen takes longer to parse than most files of learning/ to compile.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>
