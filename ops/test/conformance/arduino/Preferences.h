// Flash: one file a key in the folder FLASH, so that it survives a restart of the program.
#pragma once
#include "Arduino.h"
#include <fstream>
#include <iterator>
class Preferences {
 public:
  bool begin(const char *, bool) { return true; }
  uint32_t getUInt(const char *key, uint32_t otherwise) { std::string text = read(key); return text.empty() ? otherwise : strtoul(text.c_str(), nullptr, 10); }
  void putUInt(const char *key, uint32_t value) { write(key, std::to_string(value)); }
  String getString(const char *key, const char *otherwise) { std::string text = read(key); return text.empty() ? String(otherwise) : String(text); }
  void putString(const char *key, const char *value) { write(key, value); }

 private:
  static std::string path(const char *key) { const char *folder = getenv("FLASH"); return std::string(folder ? folder : ".") + "/" + key; }
  static std::string read(const char *key) { std::ifstream f(path(key)); return std::string(std::istreambuf_iterator<char>(f), {}); }
  static void write(const char *key, const std::string &text) { std::ofstream(path(key)) << text; }
};
