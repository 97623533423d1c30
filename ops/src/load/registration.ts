import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DeviceCreated } from '@vigil/contract'
import type { StationClient } from '../station-api/station-client.ts'
import type { Registered } from './load-client.ts'

const FILE = 'devices.json'
/** Registering many at once would only queue in the server. */
const AT_ONCE = 8

/**
 * The boards of this run folder, registering as many as are missing. A run that goes on after a kill uses the same boards
 * with the same spools.
 */
export async function registeredDevices(api: StationClient, folder: string, run: string, count: number): Promise<readonly Registered[]> {
  const path = join(folder, FILE)
  const known = read(path)
  const devices = [...known]
  while (devices.length < count) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - devices.length) }, (_, i) => devices.length + i + 1)
    devices.push(...(await Promise.all(numbers.map((number) => register(api, `load-${run}-${String(number).padStart(4, '0')}`)))))
    write(path, devices)
  }
  return devices.slice(0, count)
}

async function register(api: StationClient, id: string): Promise<Registered> {
  const { site, secret } = await api.send<DeviceCreated>('POST', '/devices', { id, mode: 'test', label: 'Load generator' })
  return { device: id, site, secret }
}

function read(path: string): readonly Registered[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Registered[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function write(path: string, devices: readonly Registered[]): void {
  writeFileSync(`${path}.new`, JSON.stringify(devices), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
