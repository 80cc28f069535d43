// The pushes that a shard answers at the end of their round.
#pragma once

#include "actors/clock/actor_time.hpp"
#include "messages/protocol.hpp"

#include <caf/actor_clock.hpp>
#include <caf/sec.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <utility>
#include <vector>

namespace adsp {

struct held_push {
  caf::typed_response_promise<fresh> promise;
  bool pull = true;
  bool fp16 = false;
};

/// At most one of each worker: a worker asks again only if it no longer waits for the answer to its
/// earlier request.
class held_pushes {
public:
  using time_point = caf::actor_clock::time_point;

  /// Holds a push, in place of an earlier copy, whose request has timed out.
  caf::typed_response_promise<fresh> add(worker_id who, held_push push, time_point now) {
    auto& x = entries_[who];
    if (x.held) {
      x.push.promise.deliver(caf::make_error(caf::sec::request_timeout));
    } else {
      x.held = true;
      x.since = now;
      order_.push_back(who);
    }
    x.push = std::move(push);
    return x.push.promise;
  }

  /// The round is over: calls `answer(who, push)` for each, in the order of their first copies.
  template <class Answer>
  void end(time_point now, Answer answer) {
    for (const auto who : std::exchange(order_, {})) {
      auto& x = entries_[who];
      x.held = false;
      x.seconds = seconds_between(x.since, now);
      answer(who, std::exchange(x.push, {}));
    }
  }

  /// Seconds that the worker's last push was held; 0: none was.
  double time_of_last(worker_id who) const {
    const auto known = entries_.find(who);
    return known == entries_.end() ? 0 : known->second.seconds;
  }

private:
  struct entry {
    held_push push;
    bool held = false;
    time_point since; ///< when the first copy came
    double seconds = 0;
  };

  std::map<worker_id, entry> entries_;
  std::vector<worker_id> order_; ///< whose pushes are held
};

} // namespace adsp
