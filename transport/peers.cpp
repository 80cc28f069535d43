#include "transport/peers.hpp"

#include <algorithm>
#include <utility>

namespace adsp::transport {

peers::number peers::arrive(std::shared_ptr<connection_closer> end, side which, time_point now) {
  const std::lock_guard lock{mutex_};
  if (which == side::accepting) {
    make_room(true, max_unidentified);
    make_room(false, max_unadmitted);
  }
  all_.emplace(++last_, connection{std::move(end), which, now, {}, {}});
  return last_;
}

void peers::make_room(bool unidentified, std::size_t most) {
  connection* oldest = nullptr;
  std::size_t count = 0;
  for (auto& [id, each] : all_) {
    if (each.ending || each.settled || each.which != side::accepting || (unidentified && each.node))
      continue;
    ++count;
    if (oldest == nullptr)
      oldest = &each;
  }
  if (count < most)
    return;
  oldest->ending = true;
  oldest->end->close(unidentified ? "it does not say who it is" : "it has not been admitted");
}

void peers::leave(number which) {
  const std::lock_guard lock{mutex_};
  all_.erase(which);
}

std::optional<std::string> peers::claim(number which, const caf::node_id& node, channel known) {
  const std::lock_guard lock{mutex_};
  const auto i = all_.find(which);
  if (i == all_.end())
    return "its connection has ended";
  auto& self = i->second;
  if (self.node && self.node != node)
    return "it claims to be two processes";
  const auto owner = [](const connection& of, const channel& by) {
    return by.certificate.empty() ? of.end->host() : by.certificate;
  };
  auto answers = self.answers;
  for (const auto& [id, other] : all_) {
    if (id == which || other.node != node)
      continue;
    if (owner(other, other.known) != owner(self, known))
      return "it says that it is the process of another peer";
    answers = other.answers;
  }
  self.answers = answers ? std::move(answers) : std::make_shared<pending_answers>();
  if (!known.certificate.empty())
    remember(node, known.certificate);
  self.node = node;
  self.known = std::move(known);
  return std::nullopt;
}

std::shared_ptr<pending_answers> peers::answers_of(number which) const {
  const std::lock_guard lock{mutex_};
  const auto i = all_.find(which);
  return i == all_.end() ? nullptr : i->second.answers;
}

void peers::settle(number which) {
  const std::lock_guard lock{mutex_};
  if (const auto i = all_.find(which); i != all_.end())
    i->second.settled = true;
}

bool peers::chosen(const caf::node_id& node) const {
  const std::lock_guard lock{mutex_};
  for (const auto& [id, each] : all_)
    if (each.node == node && each.which == side::connecting)
      return true;
  return false;
}

std::string peers::certificate_of(const caf::node_id& node) const {
  const std::lock_guard lock{mutex_};
  const auto i = certificates_.find(node);
  return i == certificates_.end() ? std::string{} : i->second;
}

void peers::remember(const caf::node_id& node, const std::string& certificate) {
  constexpr std::size_t most = 4096;
  if (certificates_.size() >= most)
    std::erase_if(certificates_, [&](const auto& known) {
      return std::ranges::none_of(all_,
                                  [&](const auto& x) { return x.second.node == known.first; });
    });
  certificates_[node] = certificate;
}

std::optional<std::string> peers::connected_as(const caf::node_id& node) const {
  const std::lock_guard lock{mutex_};
  for (const auto& [id, each] : all_)
    if (node && each.node == node && !each.ending)
      return each.known.certificate;
  return std::nullopt;
}

void peers::close(const caf::node_id& node) {
  const std::lock_guard lock{mutex_};
  for (auto& [id, each] : all_)
    if (node && each.node == node && !std::exchange(each.ending, true))
      each.end->close({});
}

void peers::close_all() {
  const std::lock_guard lock{mutex_};
  for (auto& [id, each] : all_)
    if (!std::exchange(each.ending, true))
      each.end->close({});
}

void peers::give_up(time_point then) {
  const std::lock_guard lock{mutex_};
  for (auto& [id, each] : all_)
    if (!each.node && each.since < then && !std::exchange(each.ending, true))
      each.end->close("it does not say who it is");
}

} // namespace adsp::transport
