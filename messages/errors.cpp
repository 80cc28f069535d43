#include "messages/errors.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

#include <system_error>

namespace adsp {

std::string to_string(ec x) {
  switch (x) {
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
  return "unknown error " + std::to_string(static_cast<int>(x));
}

std::string to_text(const caf::error& x) {
  if (!x)
    return "no error";
  if (x.category() == caf::atom("adsp")) {
    auto text = to_string(static_cast<ec>(x.code()));
    const auto& context = x.context();
    if (context.match_elements<std::string>() && !context.get_as<std::string>(0).empty())
      text += ": " + context.get_as<std::string>(0);
    return text;
  }
  if (x == caf::sec::request_timeout)
    return "no answer in time";
  if (x == caf::sec::request_receiver_down)
    return "the receiver has ended";
  if (x == caf::sec::disconnect_during_handshake)
    return "the connection ended before the other side said who it is";
  if (x == caf::exit_reason::kill)
    return "it has been ended";
  if (x == caf::exit_reason::remote_link_unreachable)
    return "the connection has ended";
  if (x.category() == caf::atom("system"))
    return "actor system: " + to_string(static_cast<caf::sec>(x.code()));
  if (x.category() == caf::atom("exit"))
    return "actor ended: " + to_string(static_cast<caf::exit_reason>(x.code()));
  if (x.category() == system_category)
    return std::generic_category().message(x.code());
  return "error " + std::to_string(x.code()) + " of " + caf::to_string(x.category());
}

} // namespace adsp
