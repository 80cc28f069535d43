// A TLS client that says whatever a test wants, with a certificate or without one.
#pragma once

#include <doctest/doctest.h>

#include <openssl/ssl.h>

#include <string>
#include <unistd.h>

namespace tls {

/// The files of a certificate, PEM.
struct shown {
  std::string certificate;
  std::string key;
};

class client {
public:
  /// Speaks over `socket`, which it closes; `x` with empty paths: it shows none.
  client(int socket, const shown& x) : socket_{socket}, context_{SSL_CTX_new(TLS_client_method())} {
    if (!x.certificate.empty()) {
      REQUIRE(SSL_CTX_use_certificate_file(context_, x.certificate.c_str(), SSL_FILETYPE_PEM) == 1);
      REQUIRE(SSL_CTX_use_PrivateKey_file(context_, x.key.c_str(), SSL_FILETYPE_PEM) == 1);
    }
    connection_ = SSL_new(context_);
    SSL_set_fd(connection_, socket_);
    // Under TLS 1.3 this end is done before the other one has looked at the certificate.
    REQUIRE(SSL_connect(connection_) == 1);
  }
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  ~client() {
    SSL_free(connection_);
    SSL_CTX_free(context_);
    ::close(socket_);
  }

  void say(const std::string& bytes) {
    CHECK(SSL_write(connection_, bytes.data(), static_cast<int>(bytes.size())) ==
          static_cast<int>(bytes.size()));
  }

  /// Reads until the other side ends the connection.
  void read_to_end() {
    char part[4096];
    while (SSL_read(connection_, part, sizeof part) > 0) {
    }
  }

private:
  int socket_;
  SSL_CTX* context_;
  SSL* connection_ = nullptr;
};

} // namespace tls
