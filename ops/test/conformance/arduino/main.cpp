// Runs the sketch on the host: its own setup and loop, for as many seconds as the first argument says.
#include "Arduino.h"
#include "vigil-board.ino"
int main(int, char **argv) {
  uint32_t seconds = argv[1] ? strtoul(argv[1], nullptr, 10) : 60;
  setup();
  while (ranMs() < seconds * 1000ULL) loop();
  return 0;
}
