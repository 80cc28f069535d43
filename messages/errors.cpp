#include "messages/errors.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

#include <system_error>

namespace adsp {

std::string to_string(ec code) {
  switch (code) {
  case ec::wrong_shard:
    return "the message was meant for another shard";
  case ec::wrong_size:
    return "wrong length";
  case ec::not_finite:
    return "the update holds NaN or infinity";
  case ec::unknown_worker:
    return "no such worker";
  case ec::name_taken:
    return "another one has this name";
  case ec::job_ended:
    return "the job is over";
  case ec::busy:
    return "already under way";
  case ec::not_written:
    return "could not be written";
  case ec::shard_lost:
    return "a shard of the parameter server is lost";
  case ec::no_workers:
    return "every worker has left or failed";
  case ec::bad_bytes:
    return "the bytes are not a message of this type";
  case ec::config_differs:
    return "the config differs from the scheduler's";
  case ec::not_trusted:
    return "the node does not prove that it owns its name";
  case ec::not_permitted:
    return "not permitted";
  case ec::job_failed:
    return "the job has failed";
  case ec::not_reached:
    return "not reached";
  }
  return "unknown error " + std::to_string(static_cast<int>(code));
}

std::string to_text(const caf::error& error) {
  if (!error)
    return "no error";
  if (error.category() == caf::atom("adsp")) {
    auto text = to_string(static_cast<ec>(error.code()));
    const auto& context = error.context();
    if (context.match_elements<std::string>() && !context.get_as<std::string>(0).empty())
      text += ": " + context.get_as<std::string>(0);
    return text;
  }
  if (error == caf::sec::request_timeout)
    return "no answer in time";
  if (error == caf::sec::request_receiver_down)
    return "the receiver has ended";
  if (error == caf::sec::disconnect_during_handshake)
    return "the connection ended before the other side said who it is";
  if (error == caf::exit_reason::kill)
    return "it has been ended";
  if (error == caf::exit_reason::remote_link_unreachable)
    return "the connection has ended";
  if (error.category() == caf::atom("system"))
    return "actor system: " + to_string(static_cast<caf::sec>(error.code()));
  if (error.category() == caf::atom("exit"))
    return "actor ended: " + to_string(static_cast<caf::exit_reason>(error.code()));
  if (error.category() == system_category)
    return std::generic_category().message(error.code());
  return "error " + std::to_string(error.code()) + " of " + caf::to_string(error.category());
}

} // namespace adsp
