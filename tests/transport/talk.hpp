// Conversations with two peers, frame by frame, under rules that the test makes.
#pragma once

#include "tests/transport/frames.hpp"
#include "transport/frame_guard.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

namespace talk {

using namespace adsp::transport;
using frames::kind;
using frames::somebody;

/// Says what the test wants.
struct rules : peer_rules {
  bool admitted(const caf::node_id&) const override { return lets_in; }
  bool may_ask(const caf::node_id&, std::string_view types) const override {
    return types != "+adsp::host" && (led || types != "+@exit");
  }
  bool dropped(const caf::node_id&, const std::string& name) const override {
    return name == unwanted;
  }
  void strike(const caf::node_id&, const std::string&) override { ++strikes; }
  int strikes = 0;
  bool lets_in = false;
  bool led = false;
  std::string unwanted = "nobody";
};

struct fixture {
  somebody home{1, 1};
  somebody a{2, 2};
  somebody b{3, 3};
  channel cert_a{"a"};
  channel cert_b{"b"};
  std::shared_ptr<peers> all = std::make_shared<peers>();
  std::shared_ptr<rules> rights = std::make_shared<rules>();

  frame_guard talk(side which = side::accepting) {
    auto options = std::make_shared<transport_options>();
    return {home.id(), which, all, rights,
            all->arrive(std::make_shared<connection_closer>(options, -1), which, {})};
  }
  static verdict say(frame_guard& x, const caf::io::basp::header& header,
                     const std::string& payload, const channel& known = {}) {
    if (x.hear(header, false) == verdict::refuse)
      return verdict::refuse;
    return x.hear({payload.data(), payload.size()}, 0, known);
  }
  /// A frame whose payload has that many bytes.
  static verdict say(frame_guard& x, kind operation, const std::string& payload,
                     std::uint64_t source = 5, std::uint64_t target = 6, std::uint8_t flags = 0) {
    return say(x, frames::header(operation, payload.size(), source, target, flags), payload);
  }
  static verdict greet(frame_guard& x, const somebody& who, const channel& known) {
    return say(x, frames::header(kind::client_handshake, 32), who.bytes(), known);
  }
};

inline const std::string order = frames::message("+adsp::finish", std::string{"\x01\x00", 2});

} // namespace talk
