import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError, type SettingSpec } from '@vigil/contract'
import { commonSettings, ensureSecrets, readSettings, wordsOf } from '@vigil/program'
import type { Upward } from '../mosquitto/conf.ts'
import { type Generated, generate } from '../mosquitto/generate.ts'
import { readDevices } from '../mosquitto/registry-pg.ts'
import { type Gateway, readGateways, readSecrets } from '../mosquitto/ward.ts'

const { data, databaseUrl, logLevel } = commonSettings

const settings = {
  data,
  databaseUrl,
  logLevel,
  out: { env: 'VIGIL_OUT', kind: 'string', default: './mosquitto', description: 'folder for the files' },
  place: { env: 'VIGIL_PLACE', kind: 'string', description: 'folder the files will be in on the machine of the broker, when that is another' },
  secrets: { env: 'VIGIL_SECRETS', kind: 'string', description: 'file with a line id:secret for each device to let in, - for standard input' },
  gateways: { env: 'VIGIL_GATEWAYS', kind: 'string', description: 'file with a line name:site:secret for each gateway' },
  gateway: { env: 'VIGIL_GATEWAY', kind: 'string', description: 'make the files of this gateway instead of those of the central broker' },
  central: { env: 'VIGIL_CENTRAL', kind: 'string', default: 'central.example:8883', description: 'host:port of the central broker, for a gateway' },
  centralCa: { env: 'VIGIL_CENTRAL_CA', kind: 'string', description: 'file with the CA certificate of the central broker, on the gateway; without it the way there is plain' },
  tls: { env: 'VIGIL_TLS', kind: 'string', description: 'folder with server.crt and server.key, on the machine of the broker; opens the TLS listener' },
  store: { env: 'VIGIL_STORE', kind: 'string', default: '/var/lib/mosquitto/', description: 'folder Mosquitto keeps its store in' },
  mqttPort: { env: 'VIGIL_MQTT_PORT', kind: 'integer', min: 1, max: 65_535, default: 1883, description: 'port on loopback' },
  mqttsPort: { env: 'VIGIL_MQTTS_PORT', kind: 'integer', min: 1, max: 65_535, default: 8883, description: 'port with TLS' },
} as const satisfies Record<string, SettingSpec>

const { values } = readSettings('vigil mosquitto-config', 'makes the configuration, password and access files for Mosquitto 2 from the device registry', settings, process.argv.slice(2))

try {
  report(await run())
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n`)
  process.exit(1)
}

async function run(): Promise<Generated> {
  if (values.databaseUrl === undefined) throw new AppError('SETTINGS_INVALID', 'DATABASE_URL is needed: the files are made from the device registry.')
  const gateways = values.gateways === undefined ? [] : readGateways(read(values.gateways))
  const out = resolve(values.out)
  const base = { out, place: values.place ?? out, port: values.mqttPort, tlsPort: values.mqttsPort, store: values.store, ...(values.tls === undefined ? {} : { tls: values.tls }) }
  return generate({
    ...base,
    devices: await readDevices(values.databaseUrl),
    gateways,
    secrets: values.secrets === undefined ? new Map() : readSecrets(read(values.secrets)),
    ward: ensureSecrets(values.data),
    ...(values.gateway === undefined ? {} : { upward: upwardOf(values.gateway, gateways) }),
  })
}

function upwardOf(name: string, gateways: readonly Gateway[]): Upward {
  const gateway = gateways.find((known) => known.name === name)
  if (!gateway) throw new AppError('SETTINGS_INVALID', `There is no line for ${name} in the file of --gateways.`)
  return { gateway, address: values.central, ...(values.centralCa === undefined ? {} : { caFile: values.centralCa }) }
}

function read(path: string): string {
  return readFileSync(path === '-' ? 0 : path, 'utf8')
}

function report({ files, devices, missing, wrong }: Generated): void {
  process.stdout.write(`${files.join('\n')}\n${devices - missing.length} of ${devices} devices can sign in.\n`)
  if (missing.length > 0) process.stdout.write(`Their secrets are not known here, tell them with --secrets: ${missing.join(', ')}\n`)
  if (wrong.length === 0) return
  process.stderr.write(`Not the secret the registry has, or no such device: ${wrong.join(', ')}\n`)
  process.exit(1)
}
