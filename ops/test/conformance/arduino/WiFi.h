#pragma once
constexpr int WL_CONNECTED = 3;
struct HostWiFi { void begin(const char *, const char *) {} int status() { return WL_CONNECTED; } };
static HostWiFi WiFi;
