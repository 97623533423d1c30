// Stand-in for Arduino on the host, as far as the sketch uses it: enough to run it against a real broker, never flashed.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <unistd.h>

constexpr int OUTPUT = 1;

class String {
 public:
  String() = default;
  String(const char *text) : text_(text) {}
  String(const std::string &text) : text_(text) {}
  const char *c_str() const { return text_.c_str(); }
  unsigned length() const { return text_.size(); }
  bool endsWith(const char *end) const { std::string e(end); return text_.size() >= e.size() && text_.compare(text_.size() - e.size(), e.size(), e) == 0; }
  int indexOf(const String &other) const { auto at = text_.find(other.text_); return at == std::string::npos ? -1 : (int)at; }
  char operator[](unsigned i) const { return text_[i]; }
  String &operator+=(char c) { text_ += c; return *this; }
  bool operator==(const String &o) const { return text_ == o.text_; }
  bool operator!=(const String &o) const { return text_ != o.text_; }
  friend String operator+(const char *a, const String &b) { return String(a + b.text_); }

 private:
  std::string text_;
};

inline uint64_t hostMs() { timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000ULL + t.tv_nsec / 1000000; }
inline uint64_t ranMs() { static const uint64_t start = hostMs(); return hostMs() - start + 1; }
// UPTIME_MS: how long the board seems to have run before.
inline uint32_t millis() { static const char *before = getenv("UPTIME_MS"); return (uint32_t)(ranMs() + (before ? strtoull(before, nullptr, 10) : 0)); }
inline void delay(uint32_t ms) { usleep(ms * 1000); }
inline long random(long below) { return below > 0 ? rand() % below : 0; }
inline uint32_t esp_random() { uint32_t value = 0; FILE *f = fopen("/dev/urandom", "rb"); if (f) { if (fread(&value, 4, 1, f) != 1) value = 1; fclose(f); } return value; }
inline void pinMode(int, int) {}
inline void digitalWrite(int, int) {}
