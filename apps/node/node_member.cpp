// A node without the role scheduler: finds the scheduler's node, takes part, and tries again when
// its part is lost.
#include "apps/node/node.hpp"
#include "apps/run/follow.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
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

port_marker_actor::behavior_type port_marker(port_marker_actor::pointer, int) {
  return {[](alive_atom) { return alive_atom::value; }};
}

/// Whether trying again can help.
bool passes(const caf::error& why) {
  return !(why == ec::config_differs || why == ec::not_trusted || why == ec::not_permitted ||
           why == ec::wrong_size);
}

class membership {
public:
  membership(caf::actor_system& system, neighbourhood& around, const node_plan& own,
             const signal_guard& signals)
      : system_{system}, around_{around}, self_{system}, node_{own}, signals_{signals} {}

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
        log_line(to_text(why));
        return why == ec::config_differs ? bad_input : failed;
      }
      if (const auto text = to_text(why); text != std::exchange(said_, text))
        log_progress(node_.quiet, fmt::format("node={} waiting for {} reason=\"{}\"", node_.name,
                                              to_string(*node_.join), text));
      if (clock::now() - patience_from_ > std::chrono::duration<double>(node_.plan.cluster.wait))
        return give_up(to_text(why));
      // A connection that is broken without a word looks sound, and would be used again. When the
      // scheduler has said what is wrong it is sound.
      pause(why != ec::name_taken);
    }
    return interrupted;
  }

private:
  exit_code give_up(const std::string& why) const {
    const auto text = fmt::format("after {:.0f} s (cluster.wait): the scheduler's node at {}: {}",
                                  node_.plan.cluster.wait, to_string(*node_.join), why);
    if (!begun_) {
      log_line("gave up " + text);
      return failed;
    }
    // It was cut off when the others were told: a scheduler that does not come back has ended.
    log_line(fmt::format("node={} assumes that the job has ended {}", node_.name, text));
    return success;
  }

  /// One part in the job, from connecting to its end.
  caf::error attempt() {
    auto found = around_.gateway.connect<registrar_actor>(*node_.join);
    if (!found && found.error() == caf::sec::incompatible_application_ids)
      return make_error(ec::config_differs,
                        "its node speaks another version of the protocol; install "
                        "the same adsp on both");
    if (!found)
      return make_error(ec::not_reached, why_not_reached(found.error()));
    auto setup = make_node_setup(node_, around_);
    setup->registrar = *found;
    // Being admitted alone is no progress: it may be all that can be had, again and again.
    auto trains = std::make_shared<std::atomic<bool>>(false);
    setup->begun = [trains] { *trains = true; };
    const auto part = system_.spawn(node, std::move(setup));
    around_.rights->when_dropped([part = part.address(), to = *found](const caf::node_id& whom) {
      if (const auto self = caf::actor_cast<node_actor>(part))
        caf::send_as(self, to, dropped_atom::value, whom);
    });
    auto why = wait_for(part);
    around_.rights->when_dropped(nullptr);
    if (why == caf::exit_reason::kill)
      why = make_error(ec::not_reached, "the scheduler has lost this node, not having heard from "
                                        "it for cluster.lease");
    if (*trains) {
      begun_ = true;
      patience_from_ = clock::now();
      pause_ = first_pause;
      said_.clear();
    }
    return why;
  }

  std::string why_not_reached(const caf::error& why) const {
    if (why == caf::sec::unexpected_actor_messaging_interface)
      return "what listens there is a node with another role, not the scheduler's";
    if (why == caf::sec::disconnect_during_handshake && !node_.trust.secure)
      return to_text(why) + "; if it has --certificates, give them here, too";
    return to_text(why);
  }

  caf::error wait_for(const node_actor& part) {
    self_->monitor(part);
    std::optional<caf::error> end;
    bool asked = false;
    while (!end) {
      self_->receive([&](caf::down_msg& down) { end = std::move(down.reason); },
                     caf::after(poll_interval) >> [] {});
      if (!end && signals_.interrupted() && !std::exchange(asked, true))
        self_->send(part, leave_atom::value);
    }
    return *end;
  }

  /// Closes all connections, if it is to: half way, so that what has been said last goes out before,
  /// and they are forgotten after.
  void pause(bool closes) {
    wait(pause_ / 2);
    if (closes)
      around_.peers->close_all();
    wait(pause_ / 2);
    pause_ = std::min(2 * pause_, last_pause);
  }

  void wait(clock::duration duration) const {
    const auto until = clock::now() + duration;
    while (clock::now() < until && !signals_.interrupted())
      std::this_thread::sleep_for(std::min<clock::duration>(poll_interval, until - clock::now()));
  }

  caf::actor_system& system_;
  neighbourhood& around_;
  caf::scoped_actor self_;
  const node_plan& node_;
  const signal_guard& signals_;
  bool begun_ = false; ///< it has taken part in training
  clock::time_point patience_from_;
  std::chrono::milliseconds pause_ = first_pause;
  std::string said_; ///< the last reason told
};

/// Listens at the port of a node with the role ps; ended with this.
class open_listener {
public:
  open_listener(caf::actor_system& system, transport::gateway& gateway, const node_plan& own) {
    if (!own.serves)
      return;
    actor_ = system.spawn(port_marker, 0);
    at_ = open_port(gateway, actor_, own);
  }
  open_listener(const open_listener&) = delete;
  open_listener& operator=(const open_listener&) = delete;
  ~open_listener() {
    if (actor_)
      caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  }

  /// Where it listens.
  const transport::endpoint& at() const { return at_; }

private:
  port_marker_actor actor_;
  transport::endpoint at_;
};

} // namespace

int take_part(caf::actor_system& system, neighbourhood& around, const node_plan& own,
              const signal_guard& signals) {
  const open_listener opened{system, around.gateway, own};
  log_settings(own);
  auto here = own;
  if (own.serves && here.address.empty())
    here.address = to_string(opened.at());
  return membership{system, around, here, signals}.run();
}

} // namespace adsp::apps
