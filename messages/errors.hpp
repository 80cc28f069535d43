// Every error that an actor can answer with.
#pragma once

#include <caf/atom.hpp>
#include <caf/error.hpp>
#include <caf/is_error_code_enum.hpp>
#include <caf/make_message.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace adsp {

enum class ec : std::uint8_t {
  wrong_shard = 1, ///< the message was meant for another shard
  wrong_size,      ///< the block or model has another length than expected
  not_finite,      ///< the update holds NaN or infinity
  unknown_worker,  ///< no worker has that id
  name_taken,      ///< another living worker has that name
  job_ended,       ///< the job is over
  busy,            ///< the same work is under way already
  not_written,     ///< a file could not be written
  shard_lost,      ///< a shard does not answer or has failed; the job cannot go on
  no_workers,      ///< every worker has left or failed
  bad_bytes,       ///< a message cannot be read: truncated, too long or not of the type
  config_differs,  ///< the nodes of a cluster do not have the same config
  not_trusted,     ///< a node does not prove that it owns its name
  not_permitted,   ///< the sender may not ask for this
  job_failed,      ///< the job has ended with a failure
  not_reached,     ///< a node of the cluster cannot be reached, or is no longer heard from
};

/// The meaning of a code.
std::string to_string(ec code);

/// An error of this project; `context` says which one, where, or what was expected.
inline caf::error make_error(ec code, std::string context = {}) {
  return {static_cast<std::uint8_t>(code), caf::atom("adsp"),
          caf::make_message(std::move(context))};
}

/// The category of errors whose code is an errno.
inline constexpr auto system_category = caf::atom("errno");

/// The error of a system call.
inline caf::error errno_error(int number) {
  return {static_cast<std::uint8_t>(number), system_category};
}

/// One line for the user, for errors of this project, of CAF and of the operating system.
std::string to_text(const caf::error& error);

} // namespace adsp

CAF_ERROR_CODE_ENUM(adsp::ec)
