// An I2C bus with a MAX30102 on a finger (72 beats a minute, about 96 %) and a MAX30205 at 36.8 degrees, register by register.
#pragma once
#include "Arduino.h"
#include <vector>

struct HostOximeter {
  uint8_t regs[256] = {};
  int pointer = 0, fifoByte = 0;
  uint64_t made = 0, started = 0;
  void make() {
    if (regs[0x09] != 0x03) return;
    uint64_t due = (ranMs() - started) / 40;  // 100 samples a second, averaged by 4
    for (; made < due; made++) {
      if (((regs[0x04] + 1) & 31) == regs[0x06]) { regs[0x05] = regs[0x05] < 31 ? regs[0x05] + 1 : 31; continue; }
      regs[0x04] = (regs[0x04] + 1) & 31;
    }
  }
  static uint32_t light(bool infrared, uint64_t sample) {
    double phase = fmod(sample * 0.04 * 72 / 60, 1.0), pulse = phase < 0.3 ? sin(M_PI * phase / 0.6) : exp(-(phase - 0.3) * 5);
    return infrared ? 130000 * (1 - 0.02 * pulse) : 90000 * (1 - 0.02 * 0.5 * pulse);
  }
  uint8_t next() {
    if (pointer != 0x07) return regs[pointer == 0xFF ? 0xFF : pointer++];
    uint64_t sample = made - ((regs[0x04] - regs[0x06]) & 31);
    uint32_t value = light(fifoByte >= 3, sample);
    uint8_t byte = value >> (8 * (2 - fifoByte % 3));
    if (++fifoByte == 6) { fifoByte = 0; regs[0x06] = (regs[0x06] + 1) & 31; regs[0x05] = 0; }
    return byte;
  }
  void set(uint8_t reg, uint8_t value) {
    if (reg == 0x09 && (value & 0x40)) { memset(regs, 0, sizeof regs); regs[0xFF] = 0x15; return; }
    if (reg == 0x09) { started = ranMs(); made = 0; }
    regs[reg] = value;
  }
};

class HostWire {
 public:
  HostWire() { oximeter_.regs[0xFF] = 0x15; }
  void begin() {}
  void setClock(uint32_t) {}
  void beginTransmission(int address) { address_ = address; written_.clear(); }
  void write(uint8_t byte) { written_.push_back(byte); }
  int endTransmission(bool = true) {
    if (address_ != 0x57 && address_ != 0x48) return 2;
    if (address_ == 0x57) { oximeter_.pointer = written_[0]; oximeter_.make(); if (written_.size() > 1) oximeter_.set(written_[0], written_[1]); }
    return 0;
  }
  int requestFrom(int address, int count) { reading_ = address; place_ = 0; return count; }
  int read() {
    if (reading_ == 0x57) return oximeter_.next();
    static const uint8_t celsius[2] = {0x24, 0xCD};
    return celsius[place_++ & 1];
  }

 private:
  HostOximeter oximeter_;
  std::vector<uint8_t> written_;
  int address_ = 0, reading_ = 0, place_ = 0;
};
static HostWire Wire;
