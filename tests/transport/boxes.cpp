// Frames on their way from an outbox to an inbox, in pieces of any size.
#include "messages/freight.hpp"
#include "tests/transport/frames.hpp"
#include "transport/inbox.hpp"
#include "transport/outbox.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

using namespace adsp;
using namespace adsp::transport;
using frames::kind;

namespace {

encoded_block block_of(std::size_t floats, float first) {
  std::vector<float> values(floats);
  for (auto& value : values)
    value = first++;
  return encoded_block{copy_of(values)};
}

/// Writes a frame as CAF and the messages do.
void write(outbox& to, const std::string& payload, const std::vector<encoded_block>& blocks = {}) {
  auto& bytes = to.begin_frame();
  const auto header = payload.empty() ? frames::header(kind::heartbeat, 0)
                                      : frames::header(kind::direct_message, payload.size(), 1, 2);
  const auto frame = frames::frame(header, payload);
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  for (const auto& block : blocks)
    CHECK(load_freight(block));
  const auto found = to.end_frame();
  CHECK(found.size() == frame.size());
}

/// Takes up to `most` bytes out.
std::string take(outbox& from, std::size_t most) {
  std::array<iovec, 4> pieces;
  std::string taken;
  const auto count = from.next(pieces);
  for (std::size_t i = 0; i < count; ++i)
    taken.append(static_cast<const char*>(pieces[i].iov_base),
                 std::min(pieces[i].iov_len, most - taken.size()));
  from.sent(taken.size());
  return taken;
}

std::string all_of(outbox& from) {
  std::string bytes;
  while (!from.empty())
    bytes += take(from, 1 << 20);
  return bytes;
}

/// What has been read, as text: "payload [floats first ...]".
struct reader {
  void take_parts() {
    while (in.complete())
      take_part();
  }
  void take_part() {
    if (in.awaited() == inbox::part::header) {
      caf::io::basp::header x;
      REQUIRE(in.read_header(x));
      if (x.payload_len > 0)
        in.await_payload(x.payload_len);
      else
        finish("heartbeat");
    } else if (in.awaited() == inbox::part::payload) {
      const auto bytes = in.read_block_bytes();
      text = {in.payload().begin(), in.payload().end()};
      if (wanted)
        in.await_blocks(bytes > 0 ? sizes : std::vector<std::size_t>{});
      else
        in.pass_over(bytes);
    } else {
      for (const auto& block : in.blocks())
        text += " " + std::to_string(block->size()) + ":" +
                std::to_string(static_cast<int>(block->values().back()));
      in.forget_blocks();
      finish(text);
    }
  }
  void finish(const std::string& x) {
    found.push_back(x);
    in.await_header();
  }
  /// Puts in what fits at a time, at most `most`.
  void put(std::string_view bytes, std::size_t most) {
    while (!bytes.empty()) {
      const auto space = in.space();
      if (space.empty())
        FAIL("no space");
      const auto size = std::min({space.size(), bytes.size(), most});
      std::ranges::copy(bytes.substr(0, size), space.begin());
      in.received(size);
      bytes.remove_prefix(size);
      take_parts();
    }
  }

  inbox in;
  bool wanted = true;
  std::vector<std::size_t> sizes;
  std::string text;
  std::vector<std::string> found;
};

const auto first = block_of(5000, 1);
const auto second = block_of(40000, 1);

void write_some_of_each(outbox& out) {
  write(out, "a");
  write(out, "");
  write(out, "b", {first, second});
  write(out, std::string(20000, 'c'));
  write(out, "d", {first, second});
  write(out, "e");
}

const std::vector<std::string> some_of_each{
    "a", "heartbeat", "b 5000:5000 40000:40000", std::string(20000, 'c'), "d 5000:5000 40000:40000",
    "e"};

} // namespace

TEST_CASE("frames and their blocks arrive whole and in order, whatever the pieces") {
  for (const std::size_t most : {1, 7, 33, 4096, 8191, 8192, 8193, 100000, 10000000}) {
    INFO(most);
    outbox out;
    write_some_of_each(out);
    reader x;
    x.sizes = {first.byte_count(), second.byte_count()};
    while (!out.empty())
      x.put(take(out, most), most);
    CHECK(x.found == some_of_each);
  }
}

TEST_CASE("random pieces, with frames that are written meanwhile") {
  std::mt19937 random{7};
  outbox out;
  reader x;
  x.sizes = {first.byte_count(), second.byte_count()};
  std::vector<std::string> expected;
  for (int i = 0; i < 20; ++i) {
    write_some_of_each(out);
    expected.insert(expected.end(), some_of_each.begin(), some_of_each.end());
    for (int k = 0; k < 10; ++k)
      x.put(take(out, random() % 60000), 1 + random() % 50000);
  }
  x.put(all_of(out), 1 + random() % 50000);
  CHECK(x.found == expected);
}

TEST_CASE("blocks that nobody wants are passed over") {
  outbox out;
  write_some_of_each(out);
  reader x;
  x.wanted = false;
  x.put(all_of(out), 9000);
  CHECK(x.found ==
        std::vector<std::string>{"a", "heartbeat", "b", std::string(20000, 'c'), "d", "e"});
}

TEST_CASE("a header's flag for blocks is not CAF's, and the others are kept") {
  outbox out;
  auto& bytes = out.begin_frame();
  const auto frame = frames::frame(frames::header(kind::direct_message, 1, 1, 2, 1), "x");
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  load_freight(first);
  out.end_frame();
  const auto sent = all_of(out);
  reader x;
  const auto space = x.in.space();
  std::ranges::copy(sent.substr(0, 32), space.begin());
  x.in.received(32);
  caf::io::basp::header header;
  REQUIRE(x.in.read_header(header));
  CHECK(x.in.announces_blocks());
  CHECK(header.flags == 1);
  CHECK(x.in.header()[3] == 1);
}

TEST_CASE("blocks are sent from where they lie, and let go of as soon as they are gone") {
  auto memory = std::make_shared<parameter_buffer>(4096);
  const auto* const start = memory->values().data();
  outbox out;
  write(out, "a", {encoded_block{parameter_block{memory}}});
  std::array<iovec, 4> pieces;
  REQUIRE(out.next(pieces) == 2);
  CHECK(pieces[1].iov_base == start);
  CHECK(pieces[1].iov_len == memory->size() * sizeof(float));
  CHECK(out.waiting() == pieces[0].iov_len + pieces[1].iov_len);
  out.sent(out.waiting() - 1);
  CHECK(memory.use_count() == 2);
  out.sent(1);
  CHECK(memory.use_count() == 1);
  CHECK(out.empty());
}

TEST_CASE("what is cleared is not sent") {
  outbox out;
  write_some_of_each(out);
  take(out, 100);
  out.clear();
  CHECK(out.empty());
  write(out, "a");
  CHECK(all_of(out).size() == 33);
}
