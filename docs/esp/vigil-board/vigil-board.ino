// A Vigil board in C: MAX30102 (pulse, oxygen saturation) and MAX30205 (temperature) on an ESP32.
// Library: "MQTT" by Joel Gaehwiler (256dpi/arduino-mqtt). The protocol: docs/protocol.md. Proof: npm run conformance -- --device <id>
#include <Arduino.h>
#include <WiFi.h>
#include <WiFiClientSecure.h>
#include <Wire.h>
#include <Preferences.h>
#include <MQTT.h>
#include "settings.h"  // WIFI_SSID, WIFI_PASSWORD, SERVER, PORT, SITE, DEVICE, SECRET, CA

// ---- Objects that wait for a receipt: a ring in memory. What it has to give up is told as a gap.
const int RING = 120, TEXT = 200, BATCH = 8;
struct Entry { uint32_t seq, tellsFrom; bool covered; uint8_t tries; uint32_t dueMs; char text[TEXT]; };  // tellsFrom: where the gap begins that it tells of
static Entry ring[RING];
static char epoch[9];                     // no storage for objects: one epoch per start
static uint32_t seq = 0, gapFrom = 0, gapTo = 0, confirmed = 0;
static int64_t serverOffset = 0;          // server time less uptime(), once a beacon was heard
static uint32_t intervalMs = 1000, configVersion = 0;
static bool mayReplay = false;            // not before the receipt that answers our birth
static uint32_t onlineAtMs = 0;

static WiFiClientSecure net;
static MQTTClient mqtt(4096);
static Preferences flash;
static char topicText[128], out[4096];
static String waiting[4];                 // publishing inside the library's callback is not allowed: commands wait for loop()
static int waitingCount = 0;

static const char *topic(const char *channel) {
  snprintf(topicText, sizeof topicText, "vitals/1/" SITE "/" DEVICE "/%s", channel);
  return topicText;
}
static bool publish(const char *channel, const char *text, bool retained = false) { return mqtt.publish(topic(channel), text, retained, 1); }
/** Milliseconds since the start; millis() begins again after 49.7 days. */
static int64_t uptime() {
  static uint32_t last = 0, rounds = 0;
  uint32_t ms = millis();
  if (ms < last) rounds++;
  last = ms;
  return ((int64_t)rounds << 32) | ms;
}
static bool knowsTime() { return serverOffset != 0; }
static int64_t now() { return serverOffset + uptime(); }
/** "t" when the time is known, "up" while it is not. */
static int dated(char *to, size_t size) {
  return knowsTime() ? snprintf(to, size, "\"t\":%lld", (long long)now()) : snprintf(to, size, "\"up\":%lld", (long long)uptime());
}

/** These numbers are gone and have to be told; what is stored of them stays stored. */
static void lose(uint32_t from, uint32_t to) {
  if (gapFrom == 0) gapTo = 0;
  if (gapFrom == 0 || from < gapFrom) gapFrom = from;
  if (to > gapTo) gapTo = to;
}
/** Gives the object its number and keeps it; the oldest one goes when there is no room, and with a gap notice what it told. */
static Entry &keep(const char *fields) {
  Entry &entry = ring[(seq + 1) % RING];
  if (entry.seq != 0 && !entry.covered) lose(entry.tellsFrom ? entry.tellsFrom : entry.seq, entry.seq);
  char when[32];
  dated(when, sizeof when);
  entry.seq = ++seq; entry.tellsFrom = 0; entry.covered = false; entry.tries = 0; entry.dueMs = millis();
  snprintf(entry.text, TEXT, "{\"e\":\"%s\",\"s\":%lu,%s,%s}", epoch, (unsigned long)seq, when, fields);
  return entry;
}
/** 15 s, then twice as long each time up to 5 min, spread a little. */
static void sent(Entry &entry) {
  uint32_t wait = 15000UL << (entry.tries < 4 ? entry.tries : 4);
  entry.dueMs = millis() + (wait > 300000UL ? 300000UL : wait) + random(2000);
  if (entry.tries < 255) entry.tries++;
}
static void record(const char *fields, const char *channel) {
  Entry &entry = keep(fields);
  if (mqtt.connected() && publish(channel, entry.text)) sent(entry);
  if (gapFrom != 0 && mqtt.connected()) {
    char text[80];
    snprintf(text, sizeof text, "\"gap\":[%lu,%lu],\"why\":\"overflow\"", (unsigned long)gapFrom, (unsigned long)gapTo);
    uint32_t from = gapFrom;
    gapFrom = 0;
    Entry &notice = keep(text);
    notice.tellsFrom = from;
    if (publish("tele", notice.text)) sent(notice);
  }
}
/** Sends again what no receipt covers and is due, oldest first. */
static void replay() {
  if (!mqtt.connected() || (!mayReplay && millis() - onlineAtMs < 10000)) return;
  int n = 0, length = snprintf(out, sizeof out, "[");
  Entry *batch[BATCH];
  for (uint32_t s = seq > RING ? seq - RING + 1 : 1; s <= seq && n < BATCH; s++) {
    Entry &entry = ring[s % RING];
    if (entry.seq != s || entry.covered || (int32_t)(millis() - entry.dueMs) < 0) continue;
    length += snprintf(out + length, sizeof out - length, "%s%s", n ? "," : "", entry.text);
    batch[n++] = &entry;
  }
  if (n == 0) return;
  snprintf(out + length, sizeof out - length, "]");
  if (publish("backlog", out)) for (int i = 0; i < n; i++) sent(*batch[i]);
}

// ---- Reading JSON, as far as the protocol needs it.
static const char *after(const char *text, const char *name) {
  char key[32];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *found = strstr(text, key);
  return found ? found + strlen(key) : nullptr;
}
static bool number(const char *text, const char *name, int64_t &value) {
  const char *at = after(text, name);
  if (!at) return false;
  value = strtoll(at, nullptr, 10);
  return true;
}
static String string(const char *text, const char *name) {
  const char *at = after(text, name);
  if (!at || *at != '"') return String();
  const char *end = strchr(at + 1, '"');
  String value;
  for (const char *c = at + 1; end && c < end; c++) value += *c;
  return value;
}

static void receipt(const char *text) {
  int64_t upto = 0, rewind = 0;
  if (string(text, "e") != String(epoch)) return;
  number(text, "upto", upto);
  if (upto > confirmed) confirmed = upto;
  for (Entry &entry : ring) if (entry.seq != 0 && entry.seq <= upto) entry.covered = true;
  const char *have = strstr(text, "\"have\":[");
  for (const char *c = have ? have + 8 : nullptr; c && *c == '['; c = strchr(c, ']') + 1 + (strchr(c, ']')[1] == ',')) {
    uint32_t from = strtoul(c + 1, nullptr, 10), to = strtoul(strchr(c, ',') + 1, nullptr, 10);
    for (Entry &entry : ring) if (entry.seq >= from && entry.seq <= to) entry.covered = true;
  }
  if (number(text, "rewind", rewind)) {
    if (rewind > 0 && confirmed >= rewind) confirmed = rewind - 1;
    // What the ring has let go of since cannot come again.
    if (rewind > 0 && seq > RING && rewind <= seq - RING) lose(rewind, seq - RING);
    for (Entry &entry : ring) if (entry.seq >= rewind) { entry.covered = false; entry.dueMs = millis(); entry.tries = 0; }
  }
  mayReplay = true;
}

// ---- Configuration: one key. What is refused gets a sentence.
static void reportConfig(const char *errors = "") {
  snprintf(out, sizeof out, "{\"version\":%lu,\"set\":{\"interval_ms\":%lu}%s}", (unsigned long)configVersion, (unsigned long)intervalMs, errors);
  publish("config/reported", out, true);
}
/** The next name of the object that `c` is in; what is nested in a value of it is passed over. */
static const char *nextName(const char *c) {
  bool quoted = false;
  for (int depth = 0; *c; c++) {
    if (quoted) { if (*c == '\\' && c[1]) c++; else if (*c == '"') quoted = false; }
    else if (*c == '"') quoted = true;
    else if (*c == '{' || *c == '[') depth++;
    else if ((*c == '}' || *c == ']') && depth-- == 0) return nullptr;
    else if (*c == ',' && depth == 0) return strchr(c, '"');
  }
  return nullptr;
}
static void desired(const char *text) {
  int64_t version = 0;
  const char *set = after(text, "set");
  if (!number(text, "version", version) || !set || version <= configVersion) return reportConfig();
  char errors[512] = "";
  for (const char *key = *set == '{' && set[1] == '"' ? set + 1 : nullptr; key; ) {
    const char *end = strchr(key + 1, '"');
    if (!end || end[1] != ':') break;
    char name[40];
    snprintf(name, sizeof name, "%.*s", (int)(end - key - 1), key + 1);
    int64_t value = strtoll(end + 2, nullptr, 10);
    const char *why = strcmp(name, "interval_ms") != 0 ? "this device has no such setting" : value < 200 || value > 60000 ? "out of range 200..60000" : nullptr;
    if (!why) intervalMs = value;
    else { size_t used = strlen(errors); snprintf(errors + used, sizeof errors - used, "%s\"%s\":\"%s\"", used ? "," : "", name, why); }
    key = nextName(end + 2);
  }
  configVersion = version;
  flash.putUInt("cfgv", configVersion); flash.putUInt("interval", intervalMs);
  char all[560] = "";
  if (*errors) snprintf(all, sizeof all, ",\"errors\":{%s}", errors);
  reportConfig(all);
}

// ---- Commands: the last 64 ids and their answers are in flash, written before the board acts, so that none runs twice.
static const int REMEMBERED = 64;
static String slotKey(int slot) { char key[8]; snprintf(key, sizeof key, "c%d", slot); return String(key); }
static int slotOf(const String &id) {
  for (int i = 0; i < REMEMBERED; i++) if (flash.getString(slotKey(i).c_str(), "").indexOf(id) >= 0) return i;
  return -1;
}
static String reply(const String &id, const char *state, const char *more = "") {
  char text[360];
  snprintf(text, sizeof text, "{\"id\":\"%s\",\"st\":\"%s\"%s}", id.c_str(), state, more);
  publish("command/reply", text);
  return String(text);
}
static void vitals(char *fields, size_t size);
static void command(const char *text) {
  String id = string(text, "id"), what = string(text, "do");
  int64_t expires = 0;
  if (id.length() != 36) return;
  int slot = slotOf(id);
  if (slot >= 0) { publish("command/reply", flash.getString(slotKey(slot).c_str(), "").c_str()); return; }
  slot = flash.getUInt("next", 0) % REMEMBERED;
  flash.putUInt("next", slot + 1);
  String answer;
  if (!knowsTime()) answer = reply(id, "refused", ",\"why\":\"The device does not know the time yet. Ask again in a few seconds.\"");
  else if (!number(text, "exp", expires) || now() > expires) answer = reply(id, "expired", ",\"why\":\"The command arrived after the time it was wanted by.\"");
  else if (what != String("measure_now") && what != String("identify")) answer = reply(id, "refused", ",\"why\":\"This device offers measure_now and identify.\"");
  else {
    char unknown[200];
    snprintf(unknown, sizeof unknown, "{\"id\":\"%s\",\"st\":\"unknown\",\"why\":\"The device restarted while it was doing this.\"}", id.c_str());
    flash.putString(slotKey(slot).c_str(), unknown);
    reply(id, "accepted");
    char fields[TEXT], more[TEXT + 16];
    if (what == String("identify")) { for (int i = 0; i < 6; i++) { digitalWrite(LED_PIN, i % 2 == 0); delay(150); } snprintf(more, sizeof more, ",\"data\":{\"by\":\"LED\"}"); }
    else { vitals(fields, sizeof fields); snprintf(more, sizeof more, ",\"data\":{%s}", fields); }
    answer = reply(id, "done", more);
  }
  flash.putString(slotKey(slot).c_str(), answer.c_str());
}

static void onMessage(String &to, String &body) {
  if (to.endsWith("/receipt")) receipt(body.c_str());
  else if (to.endsWith("/$time")) { int64_t t; if (number(body.c_str(), "t", t)) serverOffset = t - uptime(); }
  else if (waitingCount < 4) waiting[waitingCount++] = (to.endsWith("/command") ? "c" : "d") + body;
}

// ---- Sensors. Registers as the datasheets name them.
static const int OXIMETER = 0x57, THERMOMETER = 0x48, HZ = 25, WINDOW = 10 * HZ;
static float red[WINDOW], ir[WINDOW];
static int samples = 0;
static uint32_t sampleAtMs = 0;

static void put(int address, uint8_t reg, uint8_t value) { Wire.beginTransmission(address); Wire.write(reg); Wire.write(value); Wire.endTransmission(); }
static int get(int address, uint8_t reg, uint8_t *to, int count) {
  Wire.beginTransmission(address); Wire.write(reg);
  if (Wire.endTransmission(false) != 0) return 0;
  int got = Wire.requestFrom(address, count);
  for (int i = 0; i < got; i++) to[i] = Wire.read();
  return got;
}
static bool openOximeter() {
  uint8_t part = 0;
  if (get(OXIMETER, 0xFF, &part, 1) != 1 || part != 0x15) return false;
  put(OXIMETER, 0x09, 0x40); delay(10);                                                // reset
  put(OXIMETER, 0x08, 0x5F); put(OXIMETER, 0x09, 0x03);                                // average of 4, roll-over; red and infrared
  put(OXIMETER, 0x0A, 0x27); put(OXIMETER, 0x0C, 0x1F); put(OXIMETER, 0x0D, 0x1F);     // 4096 nA, 100/s, 411 us; 6.2 mA
  put(OXIMETER, 0x04, 0); put(OXIMETER, 0x05, 0); put(OXIMETER, 0x06, 0);              // FIFO empty
  return true;
}
static void drain() {
  uint8_t pointers[3], bytes[6];
  if (get(OXIMETER, 0x04, pointers, 3) != 3) return;
  // An overflow tears the stream: what is in the window no longer belongs together.
  if (pointers[1] != 0) samples = 0;
  for (int n = (pointers[0] - pointers[2]) & 31; n > 0; n--) {
    if (get(OXIMETER, 0x07, bytes, 6) != 6) return;
    if (samples == WINDOW) { memmove(red, red + 1, sizeof red - sizeof *red); memmove(ir, ir + 1, sizeof ir - sizeof *ir); samples--; }
    red[samples] = ((bytes[0] & 3) << 16) | (bytes[1] << 8) | bytes[2];
    ir[samples++] = ((bytes[3] & 3) << 16) | (bytes[4] << 8) | bytes[5];
    sampleAtMs = millis();
  }
}
/** The wave without its mean and slope; answers the mean. */
static float wave(const float *x, float *y) {
  float mean = 0, slope = 0, squares = 0;
  for (int i = 0; i < WINDOW; i++) mean += x[i] / WINDOW;
  for (int i = 0; i < WINDOW; i++) { float t = i - (WINDOW - 1) / 2.0f; slope += t * (x[i] - mean); squares += t * t; }
  for (int i = 0; i < WINDOW; i++) y[i] = x[i] - mean - slope / squares * (i - (WINDOW - 1) / 2.0f);
  return mean;
}
static float product(const float *a, const float *b, int lag) {
  float sum = 0;
  for (int i = 0; i + lag < WINDOW; i++) sum += a[i] * b[i + lag];
  return sum / (WINDOW - lag);
}
/** Fills "m" and "x". A value that cannot be believed is an absence with its reason, never a number. */
static void vitals(char *fields, size_t size) {
  static float y[WINDOW], r[WINDOW];
  char m[64] = "", x[80] = "";
  const char *why = nullptr;
  float rate = 0, saturation = 0;
  if (millis() - sampleAtMs > 2000) why = "fault";
  else if (samples < WINDOW) why = "warmup";
  else if (ir[WINDOW - 1] < 0.05f * 0x3FFFF) why = "off";
  else {
    float irMean = wave(ir, y), redMean = wave(red, r), power = product(y, y, 0), best = 0;
    float before = 1, at = product(y, y, 60 * HZ / 220) / power;
    for (int lag = 60 * HZ / 220; lag <= 60 * HZ / 35 && rate == 0; lag++) {
      float next = product(y, y, lag + 1) / power;
      // The first clear repetition is the beat; the parabola through three lags finds it between samples.
      if (at > before && at >= next && at > 0.5f) { best = at; rate = 60.0f * HZ / (lag + 0.5f * (before - next) / (before - 2 * at + next)); }
      before = at; at = next;
    }
    float likeness = product(y, r, 0) / sqrtf(power * product(r, r, 0));
    float ratio = sqrtf(product(r, r, 0)) / redMean / (sqrtf(power) / irMean);
    if (rate == 0 || best < 0.5f || likeness < 0.9f) why = "no-lock";
    else saturation = fminf(100, (1.5958422f * ratio - 34.6596622f) * ratio + 112.6898759f);  // AN6845
  }
  if (why) snprintf(x, sizeof x, "\"pr\":\"%s\",\"spo2\":\"%s\"", why, why);
  else snprintf(m, sizeof m, "\"pr\":%.1f,\"spo2\":%.1f", rate, saturation);
  uint8_t bytes[2];
  bool has = get(THERMOMETER, 0x00, bytes, 2) == 2;
  float celsius = (int16_t)((bytes[0] << 8) | bytes[1]) / 256.0f;
  size_t lm = strlen(m), lx = strlen(x);
  // The register holds 0 until the first conversion.
  if (!has || celsius == 0) snprintf(x + lx, sizeof x - lx, "%s\"temp\":\"%s\"", lx ? "," : "", has ? "warmup" : "fault");
  else if (celsius < 28) snprintf(x + lx, sizeof x - lx, "%s\"temp\":\"off\"", lx ? "," : "");
  else snprintf(m + lm, sizeof m - lm, "%s\"temp\":%.2f", lm ? "," : "", celsius);
  if (*x) snprintf(fields, size, "\"m\":{%s},\"x\":{%s}", m, x);
  else snprintf(fields, size, "\"m\":{%s}", m);
}

// ---- Connection.
static void connect() {
  static uint32_t sinceMs = 0, pauseMs = 0, waitMs = 1000;
  static bool wasConnected = false;
  // A ward that lost its server does not come back in step.
  if (wasConnected) { wasConnected = false; sinceMs = millis(); pauseMs = random(1000); }
  if (WiFi.status() != WL_CONNECTED || millis() - sinceMs < pauseMs) return;
  char will[40];
  snprintf(will, sizeof will, "{\"st\":\"lost\",\"e\":\"%s\"}", epoch);
  mqtt.setWill(topic("state"), will, true, 1);
  if (!mqtt.connect(DEVICE, DEVICE, SECRET)) {
    // Full jitter, up to a minute.
    sinceMs = millis(); pauseMs = 200 + random(waitMs);
    waitMs = waitMs < 60000 ? 2 * waitMs : 60000;
    return;
  }
  wasConnected = true; waitMs = 1000; mayReplay = false; onlineAtMs = millis();
  mqtt.subscribe(topic("receipt"), 1); mqtt.subscribe(topic("config/desired"), 1); mqtt.subscribe(topic("command"), 1);
  mqtt.subscribe("vitals/1/" SITE "/$time", 0);
  snprintf(out, sizeof out, "{\"st\":\"online\",\"e\":\"%s\",\"upto\":%lu,\"mode\":\"" MODE "\",\"fw\":\"arduino-1\",\"hw\":\"esp32\",\"cfgv\":%lu,\"caps\":{\"receipts\":true,"
    "\"signals\":[\"pr\",\"spo2\",\"temp\"],\"commands\":[{\"name\":\"measure_now\",\"risk\":\"low\"},{\"name\":\"identify\",\"risk\":\"low\"}],"
    "\"config\":{\"interval_ms\":{\"type\":\"integer\",\"minimum\":200,\"maximum\":60000}}}}", epoch, (unsigned long)confirmed, (unsigned long)configVersion);
  publish("state", out, true);
  reportConfig();
}

void setup() {
  pinMode(LED_PIN, OUTPUT);
  snprintf(epoch, sizeof epoch, "%08lx", (unsigned long)esp_random());
  flash.begin("vigil", false);
  configVersion = flash.getUInt("cfgv", 0); intervalMs = flash.getUInt("interval", 1000);
  Wire.begin(); Wire.setClock(400000);
  openOximeter();
  WiFi.begin(WIFI_SSID, WIFI_PASSWORD);
  net.setCACert(CA);
  mqtt.begin(SERVER, PORT, net);
  mqtt.setKeepAlive(10);
  mqtt.onMessage(onMessage);
}

void loop() {
  static uint32_t drainedMs = 0, measuredMs = 0, replayedMs = 0;
  mqtt.loop();
  if (!mqtt.connected()) connect();
  for (int i = 0; i < waitingCount; i++) { if (waiting[i][0] == 'c') command(waiting[i].c_str() + 1); else desired(waiting[i].c_str() + 1); }
  waitingCount = 0;
  if (millis() - drainedMs >= 200) { drainedMs = millis(); drain(); }
  if (millis() - replayedMs >= 500) { replayedMs = millis(); replay(); }
  if (millis() - measuredMs >= intervalMs) {
    measuredMs = millis();
    char fields[160];
    vitals(fields, sizeof fields);
    record(fields, "tele");
  }
  delay(5);
}
