#include "actors/server/commit_applier.hpp"

#include "actors/server/rules/rules.hpp"

namespace adsp {

std::unique_ptr<commit_applier> make_applier(const sync::commit_rule& rule, std::size_t size) {
  switch (rule.kind) {
  case sync::rule_kind::plain:
    return make_plain();
  case sync::rule_kind::damped:
    return make_damped();
  case sync::rule_kind::velocity:
    return make_velocity(rule, size);
  case sync::rule_kind::delayed_nesterov:
    return make_delayed_nesterov(rule, size);
  case sync::rule_kind::look_ahead:
    return make_look_ahead(rule, size);
  case sync::rule_kind::buffered:
    return make_buffered(rule, size);
  case sync::rule_kind::rennala:
    return make_rennala(rule, size);
  case sync::rule_kind::nesterov:
  case sync::rule_kind::scheduled_nesterov:
    return make_round_nesterov(rule, size);
  case sync::rule_kind::adam:
  case sync::rule_kind::yogi:
    return make_round_adam(rule, size);
  }
  return make_plain();
}

} // namespace adsp
