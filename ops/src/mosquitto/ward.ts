import { createHmac } from 'node:crypto'
import { AppError, isName } from '@vigil/contract'

/** A device as the registry knows it: never its secret, only a keyed hash of it. */
export interface RegisteredDevice {
  readonly id: string
  readonly site: string
  /** HMAC-SHA-256 of the secret under the server's pepper, hexadecimal. */
  readonly mac: string
}

/** A broker in a ward that speaks for its site at the central broker. */
export interface Gateway {
  readonly name: string
  readonly site: string
  readonly secret: string
}

/** Names of the ward's own programs; nobody else may have them. */
const RESERVED: ReadonlySet<string> = new Set(['bridge', 'central'])

export function macOf(pepper: Buffer, secret: string): string {
  return createHmac('sha256', pepper).update(secret).digest('hex')
}

/** Reads `id:secret` lines, as an operator noted them when registering devices. Empty lines and lines with `#` first are left out. */
export function readSecrets(text: string): Map<string, string> {
  return new Map(contentLines(text).map((line, index) => {
    const [id, secret] = splitOnce(line)
    if (!isName(id) || secret === '') throw new AppError('INVALID_REQUEST', `Line ${index + 1} of the secrets is not "id:secret".`)
    return [id, secret]
  }))
}

/** Reads `name:site:secret` lines. */
export function readGateways(text: string): Gateway[] {
  return contentLines(text).map((line, index) => {
    const [name, rest] = splitOnce(line)
    const [site, secret] = splitOnce(rest)
    if (!isName(name) || !isName(site) || secret === '') throw new AppError('INVALID_REQUEST', `Line ${index + 1} of the gateways is not "name:site:secret".`)
    if (RESERVED.has(name)) throw new AppError('INVALID_REQUEST', `A gateway cannot be called ${name}: one of the ward's own programs is.`)
    return { name, site, secret }
  })
}

function contentLines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf(':')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}
