// What comes over a connection, as the gateway takes it: frames, each looked at before CAF gets it. The
// first byte says what the peer may do and how large the pieces are in which the bytes come.
#include "tests/fuzz/foreign_process.hpp"
#include "tests/fuzz/targets.hpp"

#include "messages/freight.hpp"
#include "transport/frame_guard.hpp"
#include "transport/framing.hpp"
#include "transport/inbox.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace adsp::fuzz {

namespace {

using namespace transport;
namespace basp = caf::io::basp;

struct rights : peer_rules {
  explicit rights(unsigned choice) : choice_{choice} {}
  bool admitted(const caf::node_id&) const override { return (choice_ & 1) != 0; }
  bool may_ask(const caf::node_id&, std::string_view) const override { return (choice_ & 2) != 0; }
  bool dropped(const caf::node_id&, const std::string&) const override { return false; }
  void strike(const caf::node_id&, const std::string&) override {}

private:
  unsigned choice_;
};

class connection {
public:
  explicit connection(unsigned choice)
      : step_{(choice & 4) != 0 ? std::size_t{1} : std::size_t{4096}},
        talk_{foreign_process::get().system.node(),
              side::accepting,
              all_,
              std::make_shared<rights>(choice),
              all_->arrive(
                  std::make_shared<connection_closer>(std::make_shared<transport_options>(), -1),
                  side::accepting, {}),
              &foreign_process::get().system} {}

  void take(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto space = in_.space();
      const auto size = std::min({space.size(), bytes.size(), step_});
      std::memcpy(space.data(), bytes.data(), size);
      bytes.remove_prefix(size);
      in_.received(size);
      while (in_.complete())
        if (!take_part())
          return;
    }
  }

private:
  bool take_part() {
    switch (in_.awaited()) {
    case inbox::part::header: {
      basp::header header;
      if (!in_.read_header(header) || talk_.hear(header, in_.announces_blocks()) == verdict::refuse)
        return false;
      if (header.payload_len > 0)
        in_.await_payload(header.payload_len);
      else
        in_.await_header();
      return true;
    }
    case inbox::part::payload: {
      const auto block_bytes = in_.read_block_bytes();
      const auto found = talk_.hear(in_.payload(), block_bytes, {});
      if (found == verdict::pass)
        in_.await_blocks(talk_.blocks());
      else
        in_.pass_over(block_bytes);
      return found != verdict::refuse;
    }
    default:
      in_.forget_blocks();
      in_.await_header();
      return true;
    }
  }

  std::size_t step_;
  std::shared_ptr<peers> all_ = std::make_shared<peers>();
  inbox in_;
  frame_guard talk_;
};

/// A frame whose payload stands behind it.
std::string frame(basp::message_type operation, const std::string& payload, std::uint8_t flags) {
  const bool message = operation == basp::message_type::direct_message;
  basp::header header{operation,
                      flags,
                      static_cast<std::uint32_t>(payload.size()),
                      message ? 0x1000000000000000U : 0U,
                      message ? 5U : 0U,
                      message ? 6U : 0U};
  std::vector<char> bytes;
  caf::binary_serializer sink{nullptr, bytes};
  sink(header);
  return std::string{bytes.begin(), bytes.end()} + payload;
}

std::string greeting() {
  std::vector<char> bytes;
  caf::binary_serializer sink{nullptr, bytes};
  sink(foreign_process::get().id);
  return frame(basp::message_type::client_handshake, {bytes.begin(), bytes.end()}, 0);
}

/// A push whose block of 8 KiB comes behind it.
std::string frame_with_block() {
  std::vector<encoded_block> loaded;
  std::vector<char> bytes;
  load_freight_into(&loaded);
  caf::binary_serializer sink{foreign_process::get().system, bytes};
  std::vector<caf::strong_actor_ptr> stages;
  push commit;
  commit.update = copy_of(std::vector<float>(least_freight / sizeof(float)));
  auto message = caf::make_message(commit);
  sink(stages, message);
  load_freight_into(nullptr);
  return frame(basp::message_type::direct_message, {bytes.begin(), bytes.end()}, blocks_follow) +
         std::string{"\0\0\x20\0", 4} + std::string(least_freight, '\1');
}

} // namespace

const target frames{"frames",
                    [](std::string_view bytes) {
                      if (!bytes.empty())
                        connection{static_cast<unsigned char>(bytes.front())}.take(bytes.substr(1));
                    },
                    [] {
                      std::vector<std::string> examples{'\3' + greeting() + frame_with_block() +
                                                        frame_with_block()};
                      for (const auto& message : foreign_process::get().sample_messages()) {
                        const auto sent =
                            greeting() + frame(basp::message_type::direct_message, message, 0);
                        examples.push_back('\3' + sent);
                        examples.push_back('\6' + sent);
                      }
                      return examples;
                    }};

} // namespace adsp::fuzz
