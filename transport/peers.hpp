// The peers at the other ends of this process's connections: which process each is, and which
// certificate it has.
#pragma once

#include "transport/connection_closer.hpp"
#include "transport/pending_answers.hpp"

#include <caf/actor_clock.hpp>
#include <caf/node_id.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace adsp::transport {

/// What is known about the other end before it sends anything.
struct channel {
  std::string certificate; ///< the node's name in its verified certificate; empty without TLS
};

enum class side { accepting, connecting };

/// Thread-safe.
class peers {
public:
  using number = std::uint64_t; ///< of a connection, in the order of arrival
  using time_point = caf::actor_clock::time_point;

  /// A connection has been made. At most `max_unidentified` accepted connections that have not
  /// identified themselves are kept, and `max_unadmitted` that have not been admitted: the oldest is
  /// evicted.
  number arrive(std::shared_ptr<connection_closer> end, side which, time_point now);
  void leave(number which);

  /// The connection claims to belong to the process `node`. Returns why that is refused, or
  /// nothing. A process may have several connections, all with one certificate, or without TLS all
  /// from one host.
  std::optional<std::string> claim(number which, const caf::node_id& node, channel known);

  /// The answers pending between this process and that of the connection; null before `claim`.
  std::shared_ptr<pending_answers> answers_of(number which) const;

  /// Marks the connection as admitted: it is no longer evicted for newcomers.
  void settle(number which);

  /// Whether this process itself has connected to the node.
  bool chosen(const caf::node_id& node) const;

  /// The name in the node's certificate, that of its last connection if none exists any more: a
  /// message may be handled after its connection has ended. Empty without TLS.
  std::string certificate_of(const caf::node_id& node) const;

  /// The node's verified name on an existing connection, empty without TLS; nothing if there is no
  /// connection.
  std::optional<std::string> connected_as(const caf::node_id& node) const;

  /// Ends the node's connections without logging.
  void close(const caf::node_id& node);

  /// Ends all connections without logging.
  void close_all();

  /// Ends the connections that were made before `then` and have not identified themselves.
  void give_up(time_point then);

private:
  struct connection {
    std::shared_ptr<connection_closer> end;
    side which;
    time_point since;
    caf::node_id node; ///< none: it has not identified itself
    channel known;
    std::shared_ptr<pending_answers> answers = {}; ///< shared by all connections of a node
    bool settled = false;
    bool ending = false;
  };

  void make_room(bool unidentified, std::size_t most);
  void remember(const caf::node_id& node, const std::string& certificate);

  mutable std::mutex mutex_; ///< guards the members below
  std::map<number, connection> all_;
  std::unordered_map<caf::node_id, std::string>
      certificates_; ///< of nodes, including those without a connection
  number last_ = 0;
};

} // namespace adsp::transport
