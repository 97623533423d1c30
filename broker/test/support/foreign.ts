import { spawn, spawnSync } from 'node:child_process'

export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a client that was not written here, from the Debian package `mosquitto-clients`. */
export function runForeign(command: 'mosquitto_pub' | 'mosquitto_sub', args: readonly string[], withinMs = 8_000): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: withinMs })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.stderr.on('data', (chunk) => (err += String(chunk)))
    child.on('error', () => reject(new Error(`${command} is not installed. These tests need the Debian package mosquitto-clients: apt-get install mosquitto-clients`)))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

/** Fails, naming the package, when a program is missing. */
export function requireProgram(command: string, debianPackage: string): void {
  if (spawnSync(command, ['--help'], { stdio: 'ignore' }).error) throw new Error(`${command} is not installed. These tests need the Debian package ${debianPackage}: apt-get install ${debianPackage}`)
}
