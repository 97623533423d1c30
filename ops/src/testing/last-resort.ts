import { spawn } from 'node:child_process'

/**
 * Waits for its standard input to end, which happens however this process ends, SIGKILL included. The pid is read only then
 * (a test may have started the server anew) and counts only while it belongs to a `postgres`: numbers are used again.
 */
const SCRIPT = `
read -r _
pid=$(head -n 1 "$1/postgres/postmaster.pid" 2>/dev/null)
case "$(ps -o comm= -p "\${pid:-0}" 2>/dev/null)" in
  *postgres*)
    kill -CONT "$pid"
    kill -QUIT "$pid"
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done ;;
esac
rm -rf "$1"
`

export interface LastResort {
  /** The server was stopped in order: nothing is left to do. */
  callOff(): void
}

/** Stops the PostgreSQL of this data directory and removes the directory when this process ends without having done so. */
export function armLastResort(dataDir: string): LastResort {
  // A session of its own: Ctrl-C in the terminal must not end it first.
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'last-resort', dataDir], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  guard.on('error', () => undefined)
  guard.stdin.on('error', () => undefined)
  guard.unref()
  // A pipe of child_process is a socket; while it is referenced, the test process would not end by itself.
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref()
  return { callOff: () => void guard.kill('SIGKILL') }
}
