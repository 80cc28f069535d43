// Another process of a cluster, and the actor system that its bytes come to.
#pragma once

#include "actors/clock/system_config.hpp"
#include "messages/protocol.hpp"
#include "tests/messages/samples.hpp"

#include <caf/actor_system.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/execution_unit.hpp>
#include <caf/message.hpp>
#include <caf/node_id.hpp>
#include <caf/proxy_registry.hpp>

#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace adsp::fuzz {

struct foreign_process {
  /// One for all inputs: an actor system takes longer to make than a message to read. It stays to the
  /// end of the process: CAF's own statics, which its destructor uses, may be gone before it.
  static foreign_process& get() {
    static auto& only = *new foreign_process;
    return only;
  }

  /// Where CAF reads a message that has come: handles of others' actors become empty ones.
  class context final : public caf::execution_unit, private caf::proxy_registry::backend {
  public:
    explicit context(caf::actor_system& system)
        : execution_unit{&system}, registry_{system, *this} {
      proxy_registry_ptr(&registry_);
    }
    void exec_later(caf::resumable*) override {}

  private:
    caf::strong_actor_ptr make_proxy(caf::node_id, caf::actor_id) override { return nullptr; }
    void set_last_hop(caf::node_id*) override {}

    caf::proxy_registry registry_;
  };

  /// Every sample that is a message by itself, as it is sent.
  std::vector<std::string> sample_messages() {
    std::vector<std::string> all;
    const auto add = [&]<class T>(const T& value) {
      if constexpr (std::is_same_v<T, worker_summary> || std::is_same_v<T, sync::commit_rule>)
        return; // a part of others
      std::vector<char> bytes;
      caf::binary_serializer sink{system, bytes};
      std::vector<caf::strong_actor_ptr> stages;
      auto message = caf::make_message(value);
      if (sink(stages, message))
        throw std::logic_error{"a sample cannot be written"};
      all.emplace_back(bytes.begin(), bytes.end());
    };
    std::apply([&](const auto&... each) { (add(each.value), ...); }, test::samples());
    return all;
  }

  system_config config{drive::virtual_time};
  caf::actor_system system{config};
  caf::node_id id = caf::make_node_id(2, caf::node_id::default_data::host_id_type{2, 2});
};

} // namespace adsp::fuzz
