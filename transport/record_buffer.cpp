#include "transport/record_buffer.hpp"

#include <openssl/bio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <sys/socket.h>

namespace adsp::transport {

/// The callbacks for OpenSSL.
struct record_bio {
  static record_buffer& of(BIO* x) { return *static_cast<record_buffer*>(BIO_get_data(x)); }

  static int read(BIO* memory, char* into, int size) {
    BIO_clear_retry_flags(memory);
    const auto got = of(memory).read(into, static_cast<std::size_t>(size));
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
      BIO_set_retry_read(memory);
    return static_cast<int>(got);
  }

  static int write(BIO* memory, const char* from, int size) {
    BIO_clear_retry_flags(memory);
    of(memory).write(from, static_cast<std::size_t>(size));
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      auto* x = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "records");
      if (x != nullptr) {
        BIO_meth_set_read(x, read);
        BIO_meth_set_write(x, write);
        BIO_meth_set_ctrl(x, control);
      }
      return x;
    }();
    return made;
  }
};

bio_st* record_buffer::make_bio() {
  const auto* method = record_bio::method();
  auto* made = method == nullptr ? nullptr : BIO_new(method);
  if (made == nullptr)
    throw std::bad_alloc{};
  BIO_set_data(made, this);
  BIO_set_init(made, 1);
  return made;
}

std::ptrdiff_t record_buffer::read(char* into, std::size_t size) {
  if (!holds_input()) {
    if (paused_) {
      errno = EAGAIN;
      return -1;
    }
    if (!input_)
      input_ = std::make_unique_for_overwrite<char[]>(chunk);
    const auto got = ::recv(socket_, input_.get(), chunk, 0);
    if (got <= 0)
      return got;
    read_ = 0;
    received_ = static_cast<std::size_t>(got);
  }
  const auto taken = std::min(size, received_ - read_);
  std::memcpy(into, input_.get() + read_, taken);
  read_ += taken;
  return static_cast<std::ptrdiff_t>(taken);
}

void record_buffer::write(const char* from, std::size_t size) {
  written_.insert(written_.end(), from, from + size);
}

sending record_buffer::send() {
  while (sent_ < written_.size()) {
    const auto taken =
        ::send(socket_, written_.data() + sent_, written_.size() - sent_, MSG_NOSIGNAL);
    if (taken < 0 && errno == EINTR)
      continue;
    if (taken < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK ? sending::blocked : sending::failed;
    sent_ += static_cast<std::size_t>(taken);
  }
  written_.clear();
  sent_ = 0;
  return sending::done;
}

} // namespace adsp::transport
