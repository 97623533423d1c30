// Yours: the network, the server, and what the app showed when the device was added. CA is the text of <data>/tls/ca.crt.
#pragma once
#define WIFI_SSID "network"
#define WIFI_PASSWORD "password"
#define SERVER "server.example"
#define PORT 8883
#define SITE "main"
#define DEVICE "board-1"
#define SECRET "..."
#define MODE "real"
#define LED_PIN 2
static const char CA[] = R"(-----BEGIN CERTIFICATE-----
...
-----END CERTIFICATE-----)";
