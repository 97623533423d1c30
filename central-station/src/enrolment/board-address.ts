import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, type Enrolment } from '@vigil/contract'
import { isLoopback } from '@vigil/program'
import { field } from '../iso.ts'

export interface BoardAddressOptions {
  readonly data: string
  readonly mqttUrl: string
  readonly mqttsPort: number
  /** Addresses for boards, separated by commas; instead of what is found here. */
  readonly deviceMqttUrl?: string | undefined
  /** File with the authority boards trust; instead of what is found here. */
  readonly deviceCa?: string | undefined
  /** Certificate of HTTP and MQTT, when the operator gave one. */
  readonly tlsCert?: string | undefined
}

/** Where boards find the broker, and by what they know it. */
export interface BoardAddress {
  /** SHA-256 of the certificate that HTTP shows; `undefined` without TLS. */
  readonly fingerprint: string | undefined
  /** For a board that reached us under this `Host`. @throws AppError SETTINGS_INVALID when the authority's file is gone */
  at(host: string): Pick<Enrolment, 'mqtt' | 'ca'>
}

/** @throws AppError SETTINGS_INVALID */
export function createBoardAddress(options: BoardAddressOptions): BoardAddress {
  const { data, mqttUrl, mqttsPort, deviceMqttUrl, deviceCa, tlsCert } = options
  const own = tlsCert === undefined ? undefined : certificatesIn(readPem(tlsCert))
  const told = deviceMqttUrl?.split(',').map((url) => url.trim()).filter((url) => url !== '')
  for (const url of told ?? []) if (!/^mqtts?:$/.test(URL.parse(url)?.protocol ?? '')) throw new AppError('SETTINGS_INVALID', `VIGIL_DEVICE_MQTT_URL holds "${url}". Write mqtts://host:port.`)
  if (deviceCa !== undefined) readPem(deviceCa)

  const mqtt = (host: string): string[] => {
    if (told && told.length > 0) return told
    // A broker of the operator's own has one address for all; ours has that under which the board has just reached us.
    const broker = URL.parse(mqttUrl)
    if (broker && !isLoopback(broker.hostname.replaceAll(/[[\]]/g, ''))) return [mqttUrl]
    return [`mqtts://${hostOf(host)}:${mqttsPort}`]
  }
  const ca = (): string | undefined => {
    if (deviceCa !== undefined) return readPem(deviceCa)
    if (own) return own.find((certificate) => certificate.checkIssued(certificate))?.toString()
    const development = join(data, 'tls', 'ca.crt')
    return existsSync(development) ? readPem(development) : undefined
  }
  return { fingerprint: own?.[0]?.fingerprint256, at: (host) => ({ mqtt: mqtt(host), ...field('ca', ca()) }) }
}

/** `Host` without its port. It comes from the board itself, so a wrong one leads only that board astray. */
function hostOf(host: string): string {
  const name = URL.parse(`http://${host}`)?.hostname
  return name === undefined || name === '' ? '127.0.0.1' : name
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new AppError('SETTINGS_INVALID', `The certificate ${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}
