// The answers pending between this process and another one. Needed because CAF accepts an answer by
// its number alone, whoever sent it.
#pragma once

#include <caf/fwd.hpp>
#include <caf/io/basp/header.hpp>

#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <utility>

namespace adsp::transport {

/// For one other process, over all its connections; used by the multiplexer's thread.
class pending_answers {
public:
  /// Most remembered requests of this process; with more, the older half is forgotten.
  static constexpr std::size_t max_asked = std::size_t{1} << 18;

  /// Notes the header of a message to the other process.
  void sent(const caf::io::basp::header& header);

  /// Whether `header`, the header of an answer, belongs to the first answer to a request of this
  /// process.
  bool awaits(const caf::io::basp::header& header);

  /// Notes `header`, the header of a message other than an answer, from a process that is not
  /// admitted. False: too many of its actors send, or too many of its messages wait for an answer.
  bool makes_room(const caf::io::basp::header& header);

private:
  /// The asking actor and the number of its question.
  using question = std::pair<caf::actor_id, std::uint64_t>;
  struct hash {
    std::size_t operator()(const question& x) const {
      return static_cast<std::size_t>((x.first << 32 ^ x.second) * 0x9E3779B97F4A7C15u);
    }
  };
  using questions = std::unordered_set<question, hash>;

  questions asked_;
  questions asked_before_;                    ///< the older half
  std::unordered_set<caf::actor_id> senders_; ///< of the other process, before it is admitted
  std::size_t unanswered_ = 0;                ///< of the other process's questions
};

} // namespace adsp::transport
