import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { secretPath } from '../platform/enrolment-file.ts'
import type { OpenedBus } from '../bus/opened-bus.ts'
import { sensorRegistry } from '../sensors/registry.ts'
import { scan } from '../sensors/scan.ts'
import { freeBytes } from '../spool/sqlite-file.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const PRIVATE_BITS = 0o077
const GROUP_READS_AND_WRITES = 0o060
const SPARE_BYTES = 64 * 1024 * 1024
const BUS_PATH = /^\/dev\/i2c-\d+$/

/** Whether the secret is there and nobody else can read it. */
export function checkSecret(folder: string, device: string, inEnvironment: boolean): Finding {
  if (inEnvironment) return ok('secret', 'given in the environment (VIGIL_AGENT_SECRET)')
  const path = secretPath(folder, device)
  if (!existsSync(path)) return problem('secret', `there is none in ${path}`, 'Enrol this board: vigil-agent enrol --url … --code …')
  if ((statSync(path).mode & PRIVATE_BITS) !== 0) return problem('secret', `${path} can be read by others`, `chmod 600 ${path}`)
  if (!allowed(path, constants.R_OK)) return problem('secret', `${userInfo().username} may not read ${path}`, 'Run vigil-agent as the user it was enrolled by: sudo -u vigil vigil-agent doctor')
  return ok('secret', `in ${path}, for its user alone`)
}

/** Whether what is measured can be kept. @param may whether this user may do that there */
export function checkFolder(folder: string, may: typeof allowed = allowed): Finding {
  const parent = dirname(folder)
  if (existsSync(parent) && !may(parent, constants.X_OK)) return problem('folder', `${userInfo().username} may not look into ${parent}`, 'Run vigil-agent as the user it was enrolled by: sudo -u vigil vigil-agent doctor')
  if (!existsSync(folder)) return ok('folder', `${folder} is made at the first start`)
  if (!may(folder, constants.W_OK)) return problem('folder', `${userInfo().username} may not write to ${folder}`, `Give it to the agent's user: chown -R vigil ${folder}`)
  const free = freeBytes(`${folder}/x`)
  const megabytes = Math.floor(free / 1e6)
  return free < SPARE_BYTES ? warning('folder', `only ${megabytes} MB are free on the disk of ${folder}`, 'Make room: the agent stops growing its spool at 16 MB and then gives up its oldest objects') : ok('folder', `${folder}, ${megabytes} MB free`)
}

/** Whether the bus is there and this user may use it. Nothing to look at on emulated sensors. @param may whether this user may do that there */
export function checkBusDevice(bus: string, may: typeof allowed = allowed): Finding {
  if (!BUS_PATH.test(bus)) return problem('bus', `"${bus}" is no I2C bus`, 'Write it as /dev/i2c-1')
  if (!existsSync(bus)) return problem('bus', `${bus} does not exist`, 'Switch I2C on: sudo raspi-config, Interface Options, I2C; then start the board again')
  if (!may(bus, constants.R_OK | constants.W_OK)) return problem('bus', `${userInfo().username} may not use ${bus}`, forBus(bus))
  return ok('bus', `${bus} can be used`)
}

/** Membership in i2c helps only where the bus belongs to that group. */
function forBus(bus: string): string {
  const group = /^i2c:[^:]*:(\d+):/m.exec(readFileSync('/etc/group', 'utf8'))?.[1]
  const { gid, mode } = statSync(bus)
  if (group !== undefined && Number(group) === gid && (mode & GROUP_READS_AND_WRITES) === GROUP_READS_AND_WRITES) return `sudo usermod -aG i2c ${userInfo().username}, then sign in again`
  return `It is not open to the group i2c. Make the rule SUBSYSTEM=="i2c-dev", GROUP="i2c", MODE="0660" in /etc/udev/rules.d/60-i2c.rules (sudo groupadd -f i2c), sudo usermod -aG i2c ${userInfo().username}, and start the board again`
}

/** Which sensors answer. @param open opens the bus; rejects with a sentence when it cannot */
export async function checkSensors(open: () => Promise<OpenedBus>): Promise<Finding> {
  try {
    const { bus, note } = await open()
    try {
      const found = await scan(bus, sensorRegistry)
      const known = found.flatMap(({ address, definition }) => (definition ? [`${definition.model} at 0x${address.toString(16)}`] : []))
      const where = note === undefined ? '' : ' (emulated)'
      if (known.length > 0) return ok('sensors', `${known.join(', ')}${where}`)
      return problem('sensors', found.length === 0 ? 'no sensor answers' : 'only unknown chips answer', 'Check plugs, supply and pull-up resistors, then vigil-agent scan')
    } finally {
      await bus.close()
    }
  } catch (error) {
    return problem('sensors', error instanceof Error ? error.message : String(error), 'Do what the sentence says, then vigil-agent scan')
  }
}

function allowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
