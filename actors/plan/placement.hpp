// Which shards each of the nodes with the role ps hosts.
#pragma once

#include <cstddef>

namespace adsp {

/// The shards that one node hosts: [first, first + size), consecutive.
struct placement {
  std::size_t first = 0;
  std::size_t size = 0;
};

/// The placement of node `index` among `nodes`; sizes differ by at most one.
placement place_shards(std::size_t shards, std::size_t nodes, std::size_t index);

} // namespace adsp
