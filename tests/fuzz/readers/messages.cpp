// Messages of other processes: looked at by the transport, then read as CAF reads them.
#include "tests/fuzz/foreign_process.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/messages/samples.hpp"

#include "messages/freight.hpp"
#include "transport/dry_read.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/message.hpp>

#include <numeric>
#include <stdexcept>
#include <tuple>

namespace adsp::fuzz {

namespace {

/// Reads a message of which the transport says that it can be read.
void receive(std::string_view bytes, const std::vector<std::size_t>& sizes) {
  std::vector<std::shared_ptr<parameter_buffer>> blocks;
  blocks.reserve(sizes.size());
  for (const auto size : sizes)
    blocks.push_back(std::make_shared<parameter_buffer>(floats_for(size)));
  foreign_process::context context{foreign_process::get().system};
  const unloading freight{blocks};
  caf::binary_deserializer source{&context, bytes.data(), bytes.size()};
  std::vector<caf::strong_actor_ptr> stages;
  caf::message message;
  if (source(stages) || message.load(source))
    throw std::logic_error{"what passed the check cannot be read"};
}

} // namespace

const target messages{"messages",
                      [](std::string_view bytes) {
                        std::vector<std::size_t> sizes;
                        auto& peer = foreign_process::get();
                        if (readable(peer.system, bytes, peer.id, sizes) &&
                            std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}) <
                                (std::size_t{1} << 20))
                          receive(bytes, sizes);
                      },
                      [] { return foreign_process::get().sample_messages(); }};

} // namespace adsp::fuzz
