#include "actors/clock/timer_queue.hpp"

#include <algorithm>

namespace adsp {

namespace {

constexpr std::size_t children = 4;

/// Timers in a bucket: few enough for the nearest cache.
constexpr std::size_t bucket_size = 64;

} // namespace

void timer_queue::push(const key& x) {
  ++size_;
  if (x.due < near_end_)
    insert(x);
  else if (x.due < far_begin_)
    buckets_[static_cast<std::size_t>((x.due - buckets_begin_).count() >> width_)].push_back(x);
  else
    far_.push_back(x);
}

timer_queue::key timer_queue::pop() {
  if (near_.empty())
    approach();
  --size_;
  const auto first = near_.front();
  remove_first();
  return first;
}

void timer_queue::insert(const key& x) {
  near_.push_back(x);
  auto at = near_.size() - 1;
  while (at > 0) {
    const auto parent = (at - 1) / children;
    if (!(x < near_[parent]))
      break;
    near_[at] = near_[parent];
    at = parent;
  }
  near_[at] = x;
}

void timer_queue::remove_first() {
  const auto last = near_.back();
  near_.pop_back();
  std::size_t at = 0;
  while (true) {
    const auto begin = at * children + 1;
    if (begin >= near_.size())
      break;
    const auto end = std::min(begin + children, near_.size());
    auto least = begin;
    for (auto i = begin + 1; i < end; ++i)
      if (near_[i] < near_[least])
        least = i;
    if (!(near_[least] < last))
      break;
    near_[at] = near_[least];
    at = least;
  }
  if (!near_.empty())
    near_[at] = last;
}

void timer_queue::approach() {
  while (near_.empty()) {
    if (near_end_ == far_begin_)
      spread();
    near_.swap(buckets_[next_bucket_++]);
    near_end_ += time_point::duration{std::int64_t{1} << width_};
  }
  std::sort(near_.begin(), near_.end()); // is a heap
}

void timer_queue::spread() {
  // The last quarter may be due at any distance; it does not decide how wide a bucket is.
  const auto most = far_.begin() + static_cast<std::ptrdiff_t>(far_.size() * 3 / 4);
  std::nth_element(far_.begin(), most, far_.end());
  buckets_begin_ = std::min_element(far_.begin(), most + 1)->due;
  const auto time = (most->due - buckets_begin_).count();
  const auto wanted = static_cast<std::int64_t>(1 + far_.size() / bucket_size);
  width_ = 0;
  while (time >> width_ >= wanted)
    ++width_;
  const auto count = static_cast<std::size_t>(time >> width_) + 1;
  if (buckets_.size() < count)
    buckets_.resize(count);
  next_bucket_ = 0;
  near_end_ = buckets_begin_;
  far_begin_ = buckets_begin_ + time_point::duration{static_cast<std::int64_t>(count) << width_};
  std::erase_if(far_, [this](const key& x) {
    if (x.due >= far_begin_)
      return false;
    buckets_[static_cast<std::size_t>((x.due - buckets_begin_).count() >> width_)].push_back(x);
    return true;
  });
}

} // namespace adsp
