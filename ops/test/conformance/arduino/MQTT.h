// The interface of 256dpi/arduino-mqtt on a real socket: MQTT 3.1.1 by the byte, publishing at quality of service 1 waits for its PUBACK.
#pragma once
#include "Arduino.h"
#include "WiFiClientSecure.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <vector>

class MQTTClient {
 public:
  explicit MQTTClient(int size) : size_(size) {}
  void begin(const char *host, int port, WiFiClientSecure &) { host_ = host; port_ = port; }
  void setKeepAlive(int seconds) { keepAlive_ = seconds; }
  void onMessage(void (*heard)(String &, String &)) { heard_ = heard; }
  void setWill(const char *topic, const char *text, bool retained, int qos) { will_ = topic; willText_ = text; willFlags_ = 4 | (qos << 3) | (retained ? 32 : 0); }
  bool connected() const { return socket_ >= 0; }
  bool connect(const char *id, const char *user, const char *secret) {
    drop();
    sockaddr_in to{};
    to.sin_family = AF_INET; to.sin_port = htons(port_); inet_pton(AF_INET, host_.c_str(), &to.sin_addr);
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(socket_, (sockaddr *)&to, sizeof to) != 0) return drop();
    int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::string body;
    put(body, "MQTT"); body += (char)4; body += (char)(0xC2 | willFlags_); body += (char)0; body += (char)keepAlive_;
    put(body, id); put(body, will_); put(body, willText_); put(body, user); put(body, secret);
    return packet(0x10, body) && await(2, 0);
  }
  bool subscribe(const char *topic, int qos) { std::string body = word(++id_); put(body, topic); body += (char)qos; return packet(0x82, body) && await(9, id_); }
  bool publish(const char *topic, const char *text, bool retained, int qos) {
    if ((int)strlen(text) > size_) return false;
    std::string body;
    put(body, topic);
    if (qos) body += word(++id_);
    body += text;
    return packet(0x30 | (qos << 1) | retained, body) && (qos == 0 || await(4, id_));
  }
  bool loop() {
    while (connected() && take(0)) {}
    if (connected() && millis() - saidMs_ > keepAlive_ * 500u) packet(0xC0, "");
    return connected();
  }

 private:
  static std::string word(int n) { return {(char)(n >> 8), (char)n}; }
  static void put(std::string &to, const std::string &text) { to += word(text.size()) + text; }
  bool drop() { if (socket_ >= 0) close(socket_); socket_ = -1; received_.clear(); return false; }
  bool packet(uint8_t first, const std::string &body) {
    std::string all(1, (char)first);
    size_t left = body.size();
    do { all += (char)((left & 0x7F) | (left > 0x7F ? 0x80 : 0)); left >>= 7; } while (left);
    all += body;
    saidMs_ = millis();
    return (send(socket_, all.data(), all.size(), MSG_NOSIGNAL) == (ssize_t)all.size()) || drop();
  }
  /** Handles packets until the one of this kind and number came. */
  bool await(int kind, int id) {
    for (uint32_t start = millis(); connected() && millis() - start < 5000;) {
      answered_ = 0;
      if (take(50) && answered_ == kind && (id == 0 || answeredId_ == (id & 0xFFFF))) return true;
    }
    return drop();
  }
  bool take(int waitMs) {
    for (;;) {
      size_t at = 1, length = 0;
      bool whole = false;
      for (int shift = 0; at < received_.size(); shift += 7) { uint8_t b = received_[at++]; length |= (size_t)(b & 0x7F) << shift; if (!(b & 0x80)) { whole = true; break; } }
      if (whole && received_.size() >= at + length) {
        uint8_t first = received_[0];
        std::string body = received_.substr(at, length);
        received_.erase(0, at + length);
        handle(first, body);
        return true;
      }
      pollfd waiting{socket_, POLLIN, 0};
      if (poll(&waiting, 1, waitMs) <= 0) return false;
      char bytes[4096];
      ssize_t got = recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) return drop();
      received_.append(bytes, got);
    }
  }
  void handle(uint8_t first, const std::string &body) {
    answered_ = first >> 4;
    if (answered_ == 2) { if (body[1] != 0) drop(); return; }
    if (answered_ != 3) { answeredId_ = body.size() >= 2 ? ((uint8_t)body[0] << 8) | (uint8_t)body[1] : 0; return; }
    size_t length = ((uint8_t)body[0] << 8) | (uint8_t)body[1], at = 2 + length;
    if (first & 6) { packet(0x40, body.substr(at, 2)); at += 2; }
    String topic(body.substr(2, length)), text(body.substr(at));
    if (heard_) heard_(topic, text);
  }
  std::string host_, will_, willText_, received_;
  int port_ = 0, size_, keepAlive_ = 10, willFlags_ = 0, socket_ = -1, id_ = 0, answered_ = 0, answeredId_ = 0;
  uint32_t saidMs_ = 0;
  void (*heard_)(String &, String &) = nullptr;
};
