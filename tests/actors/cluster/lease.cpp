// Who is lost, who gives up and who does not: both sides of the lease over a network that delays, repeats,
// reorders and loses, with processes that die and processes that stand still.
#include "actors/cluster/lease.hpp"

#include "tests/fake_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

using namespace adsp;

namespace {

constexpr double lease = 8;
constexpr double interval = check_interval(lease);

/// A registrar and its nodes, as their actors drive them.
class leased_cluster {
public:
  leased_cluster(unsigned seed, std::size_t count) : net{seed}, keeper{lease, 0} {
    for (member_id id = 1; id <= count; ++id) {
      keeper.add(id, 0);
      last_answer[id] = 0;
      nodes[id].watch = lease_watch{lease, 0};
      check_node(id, net.uniform() * interval);
    }
    check_registrar(interval);
  }

  /// A process handles nothing until then; what comes meanwhile waits.
  void stop_registrar(double until) { registrar_asleep_until = until; }
  void stop_node(member_id id, double until) { nodes[id].asleep_until = until; }
  void kill(member_id id) { nodes[id].dead = true; }
  void kill_registrar() { registrar_dead = true; }

  struct node {
    lease_watch watch;
    double last_question = 0;
    double asleep_until = 0;
    bool dead = false;
    double gave_up = 0; ///< when; 0: not
  };

  test::fake_network net;
  lease_keeper keeper;
  std::map<member_id, node> nodes;
  std::map<member_id, double> last_answer;
  std::map<member_id, double> lost; ///< when
  std::map<member_id, int> open;    ///< questions
  double registrar_asleep_until = 0;
  double registrar_woke = 0; ///< from its last sleep
  bool registrar_dead = false;

private:
  void check_registrar(double when) {
    net.at(when, [this] {
      if (registrar_dead)
        return;
      if (net.now < registrar_asleep_until) {
        registrar_woke = registrar_asleep_until;
        check_registrar(registrar_asleep_until);
        return;
      }
      const auto due = keeper.check(net.now);
      for (auto id : due.ask)
        ask(id);
      for (auto id : due.silent) {
        keeper.remove(id);
        lost.emplace(id, net.now);
      }
      check_registrar(net.now + interval);
    });
  }

  void ask(member_id id) {
    REQUIRE(++open[id] == 1);
    const auto number = ++question_[id];
    net.send([this, id, number] { question_comes(id, number); });
    net.at(net.now + 2 * lease, [this, id, number] {
      if (question_[id] != number || open[id] == 0 || registrar_dead)
        return;
      open[id] = 0;
      keeper.unanswered(id);
    });
  }

  void question_comes(member_id id, int number) {
    auto& x = nodes[id];
    if (x.dead || x.gave_up > 0)
      return;
    if (net.now < x.asleep_until) {
      net.at(x.asleep_until, [this, id, number] { question_comes(id, number); });
      return;
    }
    x.last_question = net.now;
    x.watch.heard(net.now);
    net.send([this, id, number] { answer_comes(id, number); });
  }

  void answer_comes(member_id id, int number) {
    if (registrar_dead)
      return;
    if (net.now < registrar_asleep_until) {
      net.at(registrar_asleep_until, [this, id, number] { answer_comes(id, number); });
      return;
    }
    // As CAF does it: one answer to a request, and none after its timeout.
    if (question_[id] != number || open[id] == 0)
      return;
    open[id] = 0;
    if (!lost.contains(id))
      last_answer[id] = net.now;
    keeper.answered(id, net.now);
  }

  void check_node(member_id id, double when) {
    net.at(when, [this, id] {
      auto& x = nodes[id];
      if (x.dead || x.gave_up > 0)
        return;
      if (net.now < x.asleep_until) {
        check_node(id, x.asleep_until);
        return;
      }
      if (x.watch.check(net.now, 1))
        x.gave_up = net.now;
      else
        check_node(id, net.now + interval);
    });
  }

  std::map<member_id, int> question_; ///< number of the last
};

/// When something was heard, or could not be: a second statement of the rules, from everything that
/// has happened. Times are multiples of a sixteenth of the lease, so that limits are met exactly.
class chronicle {
public:
  explicit chronicle(double begin) : last_check_{begin} {}

  void check(double now) {
    if (now - last_check_ > lease / 2)
      standstills_.push_back(now);
    last_check_ = now;
  }

  /// Since the last of `signs`, or the last standstill.
  double silence(const std::vector<double>& signs, double now) const {
    double latest = 0;
    for (const auto& list : {signs, standstills_})
      for (const auto when : list)
        latest = std::max(latest, when);
    return now - latest;
  }

private:
  double last_check_;
  std::vector<double> standstills_;
};

/// The time until the next event: mostly short, sometimes a standstill of any length.
double pause(test::fake_network& draw) {
  return lease / 16 * static_cast<double>(draw.below(draw.uniform() < 0.9 ? 4 : 24));
}

constexpr double begin = 1000;

} // namespace

TEST_CASE("nobody is lost and nobody gives up while answers come within a quarter of the lease") {
  for (unsigned seed = 0; seed < test::seeds; ++seed) {
    CAPTURE(seed);
    leased_cluster all{seed, 5};
    all.net.outside.max_delay = interval / 2;
    all.net.outside.repeat = 0.3;
    all.net.run_until(50 * lease);
    CHECK(all.lost.empty());
    for (const auto& [id, x] : all.nodes)
      CHECK(x.gave_up == 0);
  }
}

TEST_CASE("who is lost was silent for the lease, and who dies is lost soon after it") {
  for (unsigned seed = 0; seed < test::seeds; ++seed) {
    CAPTURE(seed);
    leased_cluster all{seed, 5};
    all.net.outside.max_delay = lease * all.net.uniform();
    all.net.outside.repeat = 0.3;
    all.net.outside.lose = 0.2 * all.net.uniform();
    const double dies = 10 * lease * all.net.uniform();
    all.net.at(dies, [&] { all.kill(1); });
    all.net.run_until(40 * lease);
    for (const auto& [id, when] : all.lost) {
      CHECK(when - all.last_answer[id] > lease);
      CHECK(when - all.last_answer[id] <= lease + interval + 1e-9);
    }
    REQUIRE(all.lost.contains(1));
    for (const auto& [id, x] : all.nodes)
      if (x.gave_up > 0) {
        CHECK(x.gave_up - x.last_question > lease);
        CHECK(x.gave_up - x.last_question <= lease + interval + 1e-9);
      }
  }
}

TEST_CASE("a registrar that stood still loses nobody for that, and finds who has died") {
  for (unsigned seed = 0; seed < test::seeds; ++seed) {
    CAPTURE(seed);
    leased_cluster all{seed, 4};
    all.net.outside.max_delay = interval / 4;
    // Nodes of a cluster that stands still as a whole: all wake with the registrar.
    const double from = 2 * lease * all.net.uniform();
    // From half a lease on, which is the shortest that is noticed.
    const double until = from + lease / 2 + (seed % 2 == 0 ? 0.5 : 20) * lease * all.net.uniform();
    all.net.at(from, [&] {
      all.stop_registrar(until);
      for (const auto& [id, x] : all.nodes)
        all.stop_node(id, until);
      all.kill(1);
    });
    all.net.run_until(until + lease, [&] {
      if (all.net.now < until + lease)
        REQUIRE(all.lost.empty());
    });
    all.net.run_until(until + 10 * lease);
    CHECK(all.lost.size() == 1);
    CHECK(all.lost.contains(1));
    for (const auto& [id, x] : all.nodes)
      CHECK(x.gave_up == 0);
  }
}

TEST_CASE("a node whose registrar dies gives up after the lease") {
  for (unsigned seed = 0; seed < test::seeds; ++seed) {
    CAPTURE(seed);
    leased_cluster all{seed, 3};
    all.net.outside.max_delay = interval / 4;
    all.net.at(5 * lease * all.net.uniform(), [&] { all.kill_registrar(); });
    all.net.run_until(20 * lease);
    for (const auto& [id, x] : all.nodes) {
      CHECK(x.gave_up - x.last_question > lease);
      CHECK(x.gave_up - x.last_question <= lease + interval + 1e-9);
    }
  }
}

TEST_CASE(
    "whatever happens, a check loses who was silent for the lease, and asks the others once") {
  for (unsigned seed = 0; seed < test::seeds; ++seed) {
    CAPTURE(seed);
    test::fake_network draw{seed};
    lease_keeper keeper{lease, begin};
    chronicle past{begin};
    std::map<member_id, std::vector<double>> signs; ///< of each member: added, answered
    std::set<member_id> open;                       ///< who has a question
    member_id last = 0;
    for (double now = begin; now < begin + 40 * lease; now += pause(draw)) {
      const auto who = static_cast<member_id>(1 + draw.below(last + 2)); // some are nobody
      switch (draw.below(9)) {
      case 0:
        if (signs.size() < 4) {
          keeper.add(++last, now);
          signs[last] = {now};
        }
        break;
      case 1:
        if (draw.uniform() < 0.3) {
          keeper.remove(who);
          signs.erase(who);
          open.erase(who);
        }
        break;
      case 2: // or an answer that is late or comes twice
        keeper.answered(who, now);
        open.erase(who);
        if (signs.contains(who))
          signs[who].push_back(now);
        break;
      case 3:
        keeper.unanswered(who);
        open.erase(who);
        break;
      default: {
        past.check(now);
        std::vector<member_id> silent;
        std::vector<member_id> asked;
        for (const auto& [id, heard] : signs)
          if (past.silence(heard, now) > lease)
            silent.push_back(id);
          else if (open.insert(id).second)
            asked.push_back(id);
        const auto found = keeper.check(now);
        REQUIRE(found.silent == silent);
        REQUIRE(found.ask == asked);
        if (draw.uniform() < 0.8) // the caller removes them; here not always at once
          for (const auto id : silent) {
            keeper.remove(id);
            signs.erase(id);
            open.erase(id);
          }
      }
      }
    }
  }
}

TEST_CASE("whatever happens, a watch says how long the registrar was silent") {
  for (unsigned seed = 0; seed < test::seeds; ++seed) {
    CAPTURE(seed);
    test::fake_network draw{seed};
    lease_watch watch{lease, begin};
    CHECK(watch.length() == lease);
    chronicle past{begin};
    std::vector<double> signs{begin};
    for (double now = begin; now < begin + 40 * lease; now += pause(draw)) {
      if (draw.below(40) == 0) {
        watch.heard(now);
        signs.push_back(now);
        continue;
      }
      const int leases = draw.below(2) == 0 ? 1 : 3;
      past.check(now);
      const auto silence = past.silence(signs, now);
      const auto found = watch.check(now, leases);
      REQUIRE(found.has_value() == (silence > leases * lease));
      if (found)
        REQUIRE(*found == silence);
    }
  }
}

TEST_CASE("a process stood still if its check comes more than half a lease after the last one") {
  standstill own{begin};
  CHECK_FALSE(own.stood_still(begin + 4, 8));
  CHECK(own.stood_still(begin + 8.5, 8));
  CHECK_FALSE(own.stood_still(begin + 8.5, 8));
  CHECK_FALSE(own.stood_still(begin + 12.5, 8));
  CHECK(check_interval(8) == 2);
}

TEST_CASE("a node with shards waits for six leases, one that is cut off for a lease and a half") {
  lease_watch watch{lease, 0};
  double now = 0;
  while (now < 10 * lease && !watch.check(now, 6))
    now += interval;
  CHECK(now == 6 * lease + interval);
  CHECK(cut_off_wait(lease) == 1.5 * lease);
  CHECK(cut_off_wait(3600) == 30);
}
