#include "sync/wbsp_policy.hpp"

namespace adsp::sync {

void wbsp_policy::start(seconds) {
  slowest_.start();
  started_ = true;
  ++revision_;
}

void wbsp_policy::joined(worker_id who, seconds) {
  slowest_.join(who);
  ++revision_;
}

void wbsp_policy::left(worker_id who, seconds) {
  slowest_.leave(who);
  ++revision_;
}

void wbsp_policy::reported(worker_id who, const progress& done, seconds) {
  if (slowest_.advance(who, done.commits))
    ++revision_;
}

instruction wbsp_policy::instruction_of(worker_id who) const {
  if (!members_.present(who))
    return {};
  instruction x;
  x.revision = revision_;
  x.permitted_commits = started_ ? unlimited : 0;
  x.round = slowest_.round();
  return x;
}

policy_status wbsp_policy::status(seconds) const {
  policy_status x;
  x.asynchronous = true;
  return x;
}

void wbsp_worker::instruct(const instruction& order, seconds) {
  if (order.revision > instruction_.revision)
    instruction_ = order;
}

action wbsp_worker::next(seconds) const {
  if (stepped_)
    return action::commit;
  if (instruction_.permitted_commits == 0)
    return action::wait;
  return instruction_.round > pulled_ ? action::pull : action::step;
}

} // namespace adsp::sync
