#include "security/proof.hpp"

#include "security/handles.hpp"

#include <openssl/rand.h>

namespace adsp::security {

namespace {

/// The same key signs TLS handshakes. Those of TLS 1.2 begin with 32 bytes of the other side's
/// choice and 32 random ones, those of TLS 1.3 with 64 spaces: none of them begins with this.
constexpr std::string_view label =
    "adsp, version 1: this signature says that a node of a cluster holds the key it is known by.";
static_assert(label.size() >= 64);

void append(octets& to, std::string_view x) {
  to.insert(to.end(), x.begin(), x.end());
}

void append_size(octets& to, std::uint64_t size) {
  for (int shift = 56; shift >= 0; shift -= 8)
    to.push_back(static_cast<std::uint8_t>(size >> shift));
}

} // namespace

challenge make_challenge() {
  challenge x;
  check_done(RAND_bytes(x.data(), static_cast<int>(x.size())));
  return x;
}

octets proof_text(std::string_view node, std::string_view context, const challenge& x) {
  octets text;
  append(text, label);
  append_size(text, node.size());
  append(text, node);
  append_size(text, context.size());
  append(text, context);
  append_size(text, x.size());
  text.insert(text.end(), x.begin(), x.end());
  return text;
}

} // namespace adsp::security
