import { AppError } from '@vigil/contract'
import type { Gateway } from './ward.ts'

export interface ConfOptions {
  /** Folder the generated files are in, on the broker's machine. */
  readonly place: string
  readonly port: number
  readonly tlsPort: number
  /** Folder with `server.crt`, `server.key` and `ca.crt`; none leaves TLS switched off. */
  readonly tls?: string
  /** Where Mosquitto keeps its store. */
  readonly store?: string
  /** Only for a gateway. */
  readonly upward?: Upward | undefined
}

/** What a gateway says of itself upward, and where. */
export interface Upward {
  readonly gateway: Gateway
  /** `host:port` of the central broker. */
  readonly address: string
  /** CA certificate of the central broker, on the gateway; without one the way there is plain. */
  readonly caFile?: string
}

const FILES = '/etc/mosquitto/vigil'
const STORE = '/var/lib/mosquitto/'

/** One of the files under mosquitto-config, with this ward's folders, ports and names in it. */
export function renderConf(template: string, { place, port, tlsPort, tls, store, upward }: ConfOptions): string {
  const switched = template.split('\n').map((line) => {
    const isWanted = line.startsWith('#bridge_') ? upward?.caFile !== undefined : tls !== undefined
    return isWanted && /^#[a-z]/.test(line) ? line.slice(1) : line
  })
  const filled = switched
    .map((line) => line.replace(/^listener 1883 /, `listener ${port} `).replace(/^listener 8883$/, `listener ${tlsPort}`))
    .map((line) => (/^(certfile|keyfile) /.test(line) ? line.replace(FILES, tls ?? FILES) : line.replace(FILES, place)))
    .map((line) => line.replace(STORE, store ?? STORE))
    .map((line) => (upward ? withUpward(line, upward) : line))
  return filled.join('\n')
}

function withUpward(line: string, { gateway, address, caFile = '' }: Upward): string {
  if (line.startsWith('#')) return line
  if (line.startsWith('bridge_cafile ')) return `bridge_cafile ${caFile}`
  if (line.startsWith('address ')) return `address ${address}`
  // As functions: a secret may have characters that mean something in a replacement.
  return line.replace('GATEWAY', () => gateway.name).replace('SECRET', () => gateway.secret).replace('/SITE/', () => `/${gateway.site}/`)
}

/** A value that would break out of its line would be a second setting. */
export function assertPlain(value: string): void {
  if (/^[\x21-\x7e]+$/.test(value)) return
  throw new AppError('INVALID_REQUEST', 'Folders, addresses and secrets may not have blanks or line breaks: the configuration of Mosquitto has one setting per line.')
}
