#include "transport/tls.hpp"

#include "security/handles.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <utility>

namespace adsp::transport {

namespace {

/// The text of OpenSSL's last error, which is then cleared.
std::string last_error() {
  const auto code = ERR_peek_last_error();
  const auto* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return text == nullptr ? "the connection was closed" : text;
}

int clipped(std::size_t size) {
  return static_cast<int>(
      std::min<std::size_t>(size, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

} // namespace

tls_context::tls_context(const transport_options& options)
    : authority_{security::authority::load(options.authority)}, context_{
                                                                    SSL_CTX_new(TLS_method())} {
  const auto need = [](bool good, const std::string& what) {
    if (!good)
      throw std::runtime_error{what + ": " + last_error()};
  };
  need(context_ != nullptr, "TLS cannot be used");
  auto* context = context_.get();
  need(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1, "TLS 1.3 cannot be used");
  // The first one is the fastest on processors with AES instructions.
  need(SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                         "TLS_CHACHA20_POLY1305_SHA256") == 1,
       "TLS's ciphers cannot be used");
  need(SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) == 1,
       options.certificate);
  need(SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) == 1,
       options.key);
  need(SSL_CTX_load_verify_file(context, options.authority.c_str()) == 1, options.authority);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // A stream's buffer may move between two attempts to write the same bytes; and sessions are never
  // resumed.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
}

void tls_context::free_context::operator()(ssl_ctx_st* x) const {
  SSL_CTX_free(x);
}

void tls_connection::free_connection::operator()(ssl_st* x) const {
  SSL_free(x);
}

tls_connection::tls_connection(std::shared_ptr<const tls_context> context, native_socket fd,
                               side which, std::shared_ptr<channel> known,
                               std::function<void(const std::string&)> failed)
    : context_{std::move(context)}, records_{fd},
      connection_{SSL_new(context_->get())}, known_{std::move(known)}, failed_{std::move(failed)} {
  if (!connection_)
    throw std::runtime_error{"no TLS connection can be made: " + last_error()};
  auto* const socket = records_.make_bio();
  SSL_set_bio(connection_.get(), socket, socket);
  if (which == side::accepting)
    SSL_set_accept_state(connection_.get());
  else
    SSL_set_connect_state(connection_.get());
}

rw_state tls_connection::state_after(int returned) {
  switch (SSL_get_error(connection_.get(), returned)) {
  case SSL_ERROR_WANT_READ:
  case SSL_ERROR_WANT_WRITE:
    return rw_state::success;
  default:
    if (!established_ && failed_)
      std::exchange(failed_, nullptr)(failure());
    return rw_state::failure;
  }
}

std::string tls_connection::failure() const {
  if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_WRONG_VERSION_NUMBER) {
    ERR_clear_error();
    return "it does not speak TLS: give --certificates on both sides";
  }
  auto text = last_error();
  // OpenSSL reports X509_V_OK if the peer has no certificate.
  if (const auto code = SSL_get_verify_result(connection_.get()); code != X509_V_OK)
    text += std::string{": "} + X509_verify_cert_error_string(code);
  return text;
}

rw_state tls_connection::shake_hands() {
  // An error left by another connection of this thread would be mistaken for this one's.
  ERR_clear_error();
  if (established_)
    return rw_state::success;
  const auto returned = SSL_do_handshake(connection_.get());
  const bool sent = records_.send() != sending::failed; // including the last alert
  if (returned != 1)
    return sent ? state_after(returned) : rw_state::failure;
  established_ = learn();
  return established_ ? rw_state::success : rw_state::failure;
}

bool tls_connection::learn() try {
  const security::certificate_handle shown{
      security::not_null(SSL_get1_peer_certificate(connection_.get()))};
  known_->certificate = context_->authority().node_of(*shown, std::chrono::system_clock::now());
  return true;
} catch (const std::exception& error) {
  if (failed_)
    std::exchange(failed_, nullptr)(error.what());
  return false;
}

rw_state tls_connection::read_some(std::size_t& result, native_socket, void* buffer,
                                   std::size_t size) {
  result = 0;
  const auto state = shake_hands();
  if (!established_ || size == 0)
    return state;
  records_.pause(std::exchange(draining_, false));
  while (result < size) { // one record at a time
    const auto read =
        SSL_read(connection_.get(), static_cast<char*>(buffer) + result, clipped(size - result));
    if (read <= 0) {
      const bool sent = records_.send() != sending::failed; // TLS's own replies
      const auto found = sent ? state_after(read) : rw_state::failure;
      // The next read finds the end again, so that data received before it is not lost.
      return result > 0 ? rw_state::success : found;
    }
    result += static_cast<std::size_t>(read);
  }
  return rw_state::success;
}

int tls_connection::seal(std::span<const iovec> pieces, std::size_t at) {
  for (const auto& piece : pieces) {
    while (at < piece.iov_len) {
      if (records_.full())
        return 1;
      const auto written =
          SSL_write(connection_.get(), static_cast<const char*>(piece.iov_base) + at,
                    clipped(piece.iov_len - at));
      if (written <= 0)
        return written;
      at += static_cast<std::size_t>(written);
      sealed_ += static_cast<std::size_t>(written);
    }
    at -= piece.iov_len;
  }
  return 1;
}

rw_state tls_connection::write_some(std::size_t& result, native_socket,
                                    std::span<const iovec> pieces) {
  result = 0;
  const auto state = shake_hands();
  if (state == rw_state::failure || !established_)
    return state;
  std::size_t size = 0;
  for (const auto& piece : pieces)
    size += piece.iov_len;
  while (result < size) {
    if (const auto done = seal(pieces, result + sealed_); done <= 0)
      return state_after(done);
    const auto found = records_.send();
    if (found == sending::failed)
      return rw_state::failure;
    if (found == sending::blocked)
      break;
    result += std::exchange(sealed_, 0);
  }
  return rw_state::success;
}

bool tls_connection::must_read_first() const {
  return !established_ && SSL_want_read(connection_.get()) && !records_.holds_output();
}

bool tls_connection::must_read_more() {
  draining_ = SSL_pending(connection_.get()) > 0 || records_.holds_input();
  return draining_;
}

} // namespace adsp::transport
