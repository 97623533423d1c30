// Settings of a run on the host; the port comes with the build.
#pragma once
#define WIFI_SSID "ward"
#define WIFI_PASSWORD ""
#define SERVER "127.0.0.1"
#ifndef PORT
#define PORT 1883
#endif
#define SITE "main"
#define DEVICE "arduino-1"
#define SECRET "s"
#define MODE "test"
#define LED_PIN 2
static const char CA[] = "";
