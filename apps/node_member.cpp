// A node without the role scheduler: finds the scheduler's node, takes part, and tries again when its
// part is lost.
#include "apps/follow.hpp"
#include "apps/inputs.hpp"
#include "apps/node.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace adsp::apps {

namespace {

using clock = std::chrono::steady_clock;

/// Between two attempts: doubled from the first to the last.
constexpr std::chrono::milliseconds first_pause{200};
constexpr std::chrono::milliseconds last_pause{5000};

door_actor::behavior_type door(door_actor::pointer, int) {
  return {[](alive_atom) { return alive_atom::value; }};
}

/// Whether trying again can help.
bool passes(const caf::error& x) {
  return !(x == ec::config_differs || x == ec::not_trusted || x == ec::not_permitted ||
           x == ec::wrong_size);
}

class membership {
public:
  membership(caf::actor_system& system, neighbourhood& around, const node_plan& x,
             const signal_guard& signals)
      : system_{system}, around_{around}, self_{system}, node_{x}, signals_{signals} {}

  int run() {
    patience_from_ = clock::now();
    while (!signals_.interrupted()) {
      const auto why = attempt();
      if (why == caf::none)
        return signals_.interrupted() ? interrupted : success;
      if (why == ec::job_ended) {
        log_line(fmt::format("node={} the job is over", node_.name));
        return success;
      }
      if (why == ec::job_failed || !passes(why)) {
        print_error(to_text(why));
        return why == ec::config_differs ? bad_input : failed;
      }
      if (const auto text = to_text(why); text != std::exchange(said_, text))
        log_line(fmt::format("node={} waiting for {}:{} reason=\"{}\"", node_.name,
                             node_.join->host, node_.join->port, text));
      if (clock::now() - patience_from_ > std::chrono::duration<double>(node_.plan.cluster.wait)) {
        print_error(fmt::format("gave up after {:.0f} s (cluster.wait): the scheduler's node at "
                                "{}:{}: {}",
                                node_.plan.cluster.wait, node_.join->host, node_.join->port,
                                to_text(why)));
        return failed;
      }
      pause();
    }
    return interrupted;
  }

private:
  /// One part in the job, from connecting to its end.
  caf::error attempt() {
    auto head = around_.gateway.connect<registrar_actor>(*node_.join);
    if (!head)
      return make_error(ec::not_reached, to_text(head.error()));
    auto setup = make_node_setup(node_, around_);
    setup->registrar = *head;
    setup->log = [this](const std::string& text) {
      admitted_ = true;
      log_line(text);
    };
    admitted_ = false;
    const auto part = system_.spawn(node, std::move(setup));
    around_.rights->when_dropped([part = part.address(), to = *head](const caf::node_id& whom) {
      if (const auto self = caf::actor_cast<node_actor>(part))
        caf::send_as(self, to, gone_atom::value, whom);
    });
    const auto why = wait_for(part);
    around_.rights->when_dropped(nullptr);
    if (admitted_) {
      patience_from_ = clock::now();
      pause_ = first_pause;
      said_.clear();
    }
    return why;
  }

  caf::error wait_for(const node_actor& part) {
    self_->monitor(part);
    std::optional<caf::error> end;
    bool asked = false;
    while (!end) {
      self_->receive([&](caf::down_msg& x) { end = std::move(x.reason); },
                     caf::after(poll_interval) >> [] {});
      if (!end && signals_.interrupted() && !std::exchange(asked, true))
        self_->send(part, leave_atom::value);
    }
    return *end;
  }

  void pause() {
    const auto until = clock::now() + pause_;
    while (clock::now() < until && !signals_.interrupted())
      std::this_thread::sleep_for(std::min<clock::duration>(poll_interval, until - clock::now()));
    pause_ = std::min(2 * pause_, last_pause);
  }

  caf::actor_system& system_;
  neighbourhood& around_;
  caf::scoped_actor self_;
  const node_plan& node_;
  const signal_guard& signals_;
  std::atomic<bool> admitted_ = false; ///< in the last attempt
  clock::time_point patience_from_;
  std::chrono::milliseconds pause_ = first_pause;
  std::string said_; ///< the last reason told
};

/// Opens the door of a node with the role ps; ended with this.
class open_door {
public:
  open_door(caf::actor_system& system, transport::gateway& gateway, const node_plan& x) {
    if (!x.serves)
      return;
    actor_ = system.spawn(door, 0);
    const auto port = gateway.publish(actor_, *x.listen);
    if (!port)
      throw std::runtime_error{fmt::format("cannot listen on {}:{}: {}", x.listen->host,
                                           x.listen->port, to_text(port.error()))};
    log_line(fmt::format("node={} listening address={}:{} tls={}", x.name, x.listen->host, *port,
                         x.trust.secure ? "on" : "off"));
  }
  open_door(const open_door&) = delete;
  open_door& operator=(const open_door&) = delete;
  ~open_door() {
    if (actor_)
      caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  }

private:
  door_actor actor_;
};

} // namespace

int take_part(caf::actor_system& system, neighbourhood& around, const node_plan& x,
              const signal_guard& signals) {
  const open_door opened{system, around.gateway, x};
  return membership{system, around, x, signals}.run();
}

} // namespace adsp::apps
