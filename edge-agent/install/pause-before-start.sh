#!/bin/sh
# Waits before a start: not at all after a first fault, then 5 s longer with each that follows, up to 55 s beside the 5 s of the unit.
# A run of ten minutes was a good one, after which the next fault is a first again; starting by hand begins at once. The growing pauses of systemd
# itself (254 and later) do not shrink again while the board is on: after some faults in a year each would cost a minute of measuring.
GOOD_US=600000000
STEP_S=5
LONGEST_S=55
kept=${RUNTIME_DIRECTORY:-/run/vigil-agent}/faults

shown() {
  value=$(systemctl show --property="$1" --value vigil-agent.service 2>/dev/null)
  case "$value" in '' | *[!0-9]*) value=0 ;; esac
  printf '%s' "$value"
}
faults=0 seen=0
if [ -r "$kept" ]; then read -r faults seen < "$kept" || :; fi
case "$faults$seen" in '' | *[!0-9]*) faults=0 seen=0 ;; esac

restarts=$(shown NRestarts) began=$(shown ActiveEnterTimestampMonotonic) ended=$(shown ActiveExitTimestampMonotonic)
if [ "$restarts" -eq 0 ]; then faults=0
# A run counts once: a start that fails before it has become one leaves the times of the last.
elif [ "$ended" -ne "$seen" ] && [ $((ended - began)) -ge $GOOD_US ]; then faults=1
else faults=$((faults + 1)); fi
{ echo "$faults $ended" > "$kept"; } 2>/dev/null || :

pause=$((faults > 0 ? (faults - 1) * STEP_S : 0))
[ "$pause" -gt $LONGEST_S ] && pause=$LONGEST_S
exec sleep "$pause"
