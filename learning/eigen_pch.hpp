// Precompiled header: parsing Eigen takes longer than compiling most files of learning/.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>
