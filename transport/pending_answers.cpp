#include "transport/pending_answers.hpp"

#include "transport/options.hpp"

#include <caf/message_id.hpp>

namespace adsp::transport {

namespace {

std::uint64_t number_of(const caf::io::basp::header& x) {
  return caf::message_id{x.operation_data}.request_id().integer_value();
}

} // namespace

void pending_answers::sent(const caf::io::basp::header& header) {
  const caf::message_id id{header.operation_data};
  if (id.is_response()) {
    unanswered_ -= unanswered_ > 0 ? 1 : 0;
  } else if (id.is_request()) {
    if (asked_.size() >= max_asked / 2)
      asked_before_ = std::exchange(asked_, {});
    asked_.emplace(header.source_actor, number_of(header));
  }
}

bool pending_answers::awaits(const caf::io::basp::header& header) {
  const question answered{header.dest_actor, number_of(header)};
  return asked_.erase(answered) > 0 || asked_before_.erase(answered) > 0;
}

bool pending_answers::makes_room(const caf::io::basp::header& header) {
  senders_.insert(header.source_actor);
  return ++unanswered_ <= max_unanswered && senders_.size() <= max_unadmitted_actors;
}

} // namespace adsp::transport
