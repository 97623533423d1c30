import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CANARY_DEVICE, canarySecret } from '@vigil/central-station/canary'
import { AppError } from '@vigil/contract'
import type { Secrets } from '@vigil/program'
import { renderAcl } from './acl.ts'
import { assertPlain, type ConfOptions, renderConf } from './conf.ts'
import { renderPasswords } from './passwords.ts'
import type { Gateway, RegisteredDevice } from './ward.ts'

export interface GenerateOptions extends ConfOptions {
  /** Folder to write to. */
  readonly out: string
  readonly devices: readonly RegisteredDevice[]
  /** Gateways that may sign in at a central broker; of a gateway, itself. */
  readonly gateways: readonly Gateway[]
  readonly secrets: ReadonlyMap<string, string>
  readonly ward: Secrets
}

export interface Generated {
  readonly files: readonly string[]
  readonly devices: number
  readonly missing: readonly string[]
  readonly wrong: readonly string[]
}

/** Readable by the group, which is to be Mosquitto's: it gives up root before it reads them again. */
const FILE_MODE = 0o640
const FOLDER_MODE = 0o750

/** Writes `mosquitto.conf`, `acl`, `passwords` and `made.json` into a folder; safe to run again after every change in the registry. */
export function generate(options: GenerateOptions): Generated {
  const { out, upward, ward } = options
  // Nobody is told the secret of the central station's own device, which proves that samples come through: left out, that path would be watched by nobody.
  const secrets = new Map([...options.secrets, ...options.devices.flatMap(({ id }): [string, string][] => (id === CANARY_DEVICE ? [[id, canarySecret(ward.pepper)]] : []))])
  for (const value of [options.place, options.tls, options.store, upward?.address, upward?.caFile, upward?.gateway.secret]) if (value !== undefined) assertPlain(value)
  mkdirSync(out, { recursive: true, mode: FOLDER_MODE })
  const devices = upward ? options.devices.filter(({ id, site }) => site === upward.gateway.site && id !== CANARY_DEVICE) : options.devices
  const passwords = renderPasswords({ devices, others: othersAt(options), secrets: relevant(secrets, devices, options.devices), pepper: ward.pepper, before: readBefore(out) })
  const template = readFileSync(templatePath(upward ? 'ward-gateway.conf' : 'central.conf'), 'utf8')
  const contents = {
    'mosquitto.conf': renderConf(template, options),
    acl: renderAcl(devices, { programs: upward === undefined, gateways: upward ? [] : options.gateways }),
    passwords: passwords.text,
    'made.json': JSON.stringify(passwords.made),
  }
  for (const [name, content] of Object.entries(contents)) write(join(out, name), content)
  return { files: Object.keys(contents).map((name) => join(out, name)), devices: devices.length, missing: passwords.missing, wrong: passwords.wrong }
}

/** Only the central broker is the programs' and the gateways' own; at a gateway nobody but boards signs in. */
function othersAt({ upward, ward, gateways }: GenerateOptions): Map<string, string> {
  if (upward) return new Map()
  return new Map([...Object.entries(ward.services), ...gateways.map(({ name, secret }): [string, string] => [name, secret])])
}

/** The secret of a board of another site is not wrong, it is just not needed at this gateway. */
function relevant(secrets: ReadonlyMap<string, string>, here: readonly RegisteredDevice[], all: readonly RegisteredDevice[]): Map<string, string> {
  const elsewhere = new Set(all.filter((device) => !here.includes(device)).map(({ id }) => id))
  return new Map([...secrets].filter(([id]) => !elsewhere.has(id)))
}

function readBefore(out: string): { passwords: string; made: Record<string, string> } {
  const [passwords, made] = [join(out, 'passwords'), join(out, 'made.json')]
  if (!existsSync(passwords) || !existsSync(made)) return { passwords: '', made: {} }
  try {
    return { passwords: readFileSync(passwords, 'utf8'), made: JSON.parse(readFileSync(made, 'utf8')) as Record<string, string> }
  } catch (error) {
    throw new AppError('INVALID_REQUEST', `${made} cannot be read. Move it and ${passwords} away and tell all secrets again.`, { cause: error })
  }
}

function write(path: string, content: string): void {
  writeFileSync(`${path}.new`, content, { mode: FILE_MODE })
  renameSync(`${path}.new`, path)
}

function templatePath(name: string): string {
  return fileURLToPath(new URL(`../../../mosquitto-config/${name}`, import.meta.url))
}
