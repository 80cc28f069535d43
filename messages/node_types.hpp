// What the nodes of a cluster send each other apart from the training itself, as plain values, each
// with its `inspect` as in types.hpp.
#pragma once

#include "messages/blocks/parameter_block.hpp"
#include "sync/commit_rule.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace adsp {

/// Version of this protocol; nodes with different versions do not work together.
inline constexpr std::uint32_t protocol_version = 6;

/// One key of a config and its value, as text.
struct setting {
  std::string key;
  std::string value;
  bool operator==(const setting&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, setting& x) {
  return f(x.key, x.value);
}

/// Node to registrar: who it is and what it offers.
struct hello {
  std::uint32_t protocol = protocol_version;
  std::string node;                 ///< its name, unique in the cluster
  bool serves = false;              ///< it takes shards: role ps
  std::string address;              ///< ps: "host:port" where workers reach it
  std::vector<std::string> workers; ///< names of the workers it hosts: role worker
  std::uint64_t fingerprint = 0;    ///< of the settings, which tell the differences if it differs
  std::vector<setting> settings;    ///< those that must be the same everywhere, sorted by key
  bool operator==(const hello&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, hello& x) {
  return f(x.protocol, x.node, x.serves, x.address, x.workers, x.fingerprint, x.settings);
}

/// Registrar to node: the node is a member of the cluster.
struct admitted {
  double lease = 0; ///< seconds without a sign of life after which either side loses the other
  bool operator==(const admitted&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, admitted& x) {
  return f(x.lease);
}

/// Registrar to a node with the role ps: own these parameters.
struct host {
  std::uint32_t shard = 0;
  parameter_block initial;
  sync::commit_rule rule;
  bool operator==(const host&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, host& x) {
  return f(x.shard, x.initial, x.rule);
}

/// Registrar to a node: the job is over.
struct finish {
  bool success = true;
  std::string text; ///< how it ended
  bool operator==(const finish&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, finish& x) {
  return f(x.success, x.text);
}

} // namespace adsp
