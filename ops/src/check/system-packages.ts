import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs of the system that tests drive; everything else comes with the installation. */
export const systemPackages = [
  { program: 'chromium', debian: 'chromium', needed: 'the browser tests' },
  { program: 'mosquitto', debian: 'mosquitto', needed: 'the ward on Mosquitto' },
  { program: 'mosquitto_pub', debian: 'mosquitto-clients', needed: 'the check with a client that is not ours' },
  { program: 'rabbitmq-server', debian: 'rabbitmq-server', needed: 'the tests of AMQP' },
  { program: 'g++', debian: 'g++', needed: 'the test of the Arduino sketch' },
] as const

/** Sentences about what is missing, each with the way to get it. */
export function missingPackages(path: string): readonly string[] {
  return systemPackages
    .filter(({ program }) => findProgram(program, path) === undefined)
    .map(({ program, debian, needed }) => `${program} is not installed, and ${needed} need it: apt-get install ${debian}`)
}

/** Debian keeps servers in folders that are not on an ordinary user's path. */
export function findProgram(program: string, path: string): string | undefined {
  const folders = [...path.split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, program)).find((file) => isExecutable(file))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
