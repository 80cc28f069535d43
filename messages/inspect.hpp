// Which fields of a message are sent, and in which order. CAF calls `inspect` with one of its
// inspectors as `f` to write a message, read it or print it. A change here changes the wire: see
// tests/messages/golden_wire.txt.
#pragma once

#include "messages/block_bytes.hpp"
#include "messages/node_types.hpp"
#include "messages/types.hpp"

namespace adsp::sync {

template <class F>
decltype(auto) inspect(F& f, progress& x) {
  return f(x.steps, x.commits, x.bytes, x.compute, x.communicate, x.wait, x.loss_sum, x.exchange);
}

template <class F>
decltype(auto) inspect(F& f, instruction& x) {
  return f(x.revision, x.permitted_commits, x.local_steps, x.commits_due, x.generation, x.round);
}

template <class F>
decltype(auto) inspect(F& f, commit_rule& x) {
  return f(x.eta, x.momentum, x.damped);
}

} // namespace adsp::sync

namespace adsp {

template <class F>
decltype(auto) inspect(F& f, commit_id& x) {
  return f(x.worker, x.sequence);
}

template <class F>
decltype(auto) inspect(F& f, push& x) {
  return f(x.id, x.shard, x.pull, x.update, x.generation, x.fp16, x.base);
}

template <class F>
decltype(auto) inspect(F& f, pull& x) {
  return f(x.shard, x.candidate, x.fp16, x.round);
}

template <class F>
decltype(auto) inspect(F& f, fresh& x) {
  return f(x.shard, x.version, x.values, x.generation);
}

template <class F>
decltype(auto) inspect(F& f, server_rate& x) {
  return f(x.revision, x.eta, x.workers);
}

template <class F>
decltype(auto) inspect(F& f, restore& x) {
  return f(x.generation);
}

template <class F>
decltype(auto) inspect(F& f, transfer& x) {
  return f(x.to_server, x.bytes);
}

template <class F>
decltype(auto) inspect(F& f, join& x) {
  return f(x.name, x.parameters);
}

template <class F>
decltype(auto) inspect(F& f, welcome& x) {
  return f(x.worker, x.instruction);
}

template <class F>
decltype(auto) inspect(F& f, report& x) {
  return f(x.worker, x.progress);
}

template <class F>
decltype(auto) inspect(F& f, evaluation& x) {
  return f(x.loss, x.accuracy, x.version);
}

template <class F>
decltype(auto) inspect(F& f, evaluation_record& record) {
  return f(record.seconds, record.loss, record.accuracy, record.steps, record.commits, record.bytes,
           record.commit_rate, record.local_steps);
}

template <class F>
decltype(auto) inspect(F& f, worker_record& record) {
  return f(record.seconds, record.worker, record.name, record.progress, record.commit_target,
           record.commit_rate, record.implicit_momentum);
}

template <class F>
decltype(auto) inspect(F& f, worker_summary& x) {
  return f(x.name, x.progress, x.lifetime, x.left);
}

template <class F>
decltype(auto) inspect(F& f, job_result& result) {
  return f(result.reason, result.text, result.duration, result.time_to_target, result.last,
           result.evaluations, result.total, result.search_time, result.rollbacks, result.workers,
           result.parameters);
}

template <class F>
decltype(auto) inspect(F& f, job_status& status) {
  return f(status.seconds, status.last, status.evaluations, status.total, status.workers,
           status.commit_rate, status.searching, status.ended);
}

template <class F>
decltype(auto) inspect(F& f, setting& x) {
  return f(x.key, x.value);
}

template <class F>
decltype(auto) inspect(F& f, hello& x) {
  return f(x.protocol, x.node, x.serves, x.address, x.workers, x.fingerprint, x.settings);
}

template <class F>
decltype(auto) inspect(F& f, admitted& x) {
  return f(x.lease);
}

template <class F>
decltype(auto) inspect(F& f, host& x) {
  return f(x.shard, x.initial, x.rule);
}

template <class F>
decltype(auto) inspect(F& f, finish& x) {
  return f(x.success, x.text);
}

} // namespace adsp
