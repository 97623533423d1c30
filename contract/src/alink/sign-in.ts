import type { AlinkAddress } from './topics.ts'

export const signMethods = ['hmacsha256', 'hmacsha1', 'hmacmd5'] as const
export type SignMethod = (typeof signMethods)[number]

/** What a device's MQTT client id says: `{clientId}|securemode=3,signmethod=hmacsha256,timestamp=1700000000000|`. */
export interface AlinkClientId {
  readonly clientId: string
  readonly method: SignMethod
  /** As it stands there: it is signed, and no clock of a board is asked for. */
  readonly timestamp: string | undefined
}

/** A name of the board, then its parameters between bars. */
const CLIENT_ID = /^([\x21-\x7b\x7d\x7e]{1,64})\|([A-Za-z0-9_=,.:-]{0,200})\|$/

/** Reads the client id; `undefined` when it is none of theirs, or signs by a method that is not. */
export function readAlinkClientId(text: string): AlinkClientId | undefined {
  const [, clientId, parameters] = CLIENT_ID.exec(text) ?? []
  if (clientId === undefined || parameters === undefined) return undefined
  const said = new Map(parameters.split(',').map((pair) => pair.split('=', 2) as [string, string | undefined]))
  const asked = said.get('signmethod') ?? 'hmacmd5'
  const method = signMethods.find((known) => known === asked.toLowerCase())
  return method && { clientId, method, timestamp: said.get('timestamp') }
}

/** The text a device signs with its secret: its parameters in alphabetical order, each name with its value behind it. */
export function alinkSignedText({ productKey, deviceName }: AlinkAddress, { clientId, timestamp }: Pick<AlinkClientId, 'clientId' | 'timestamp'>): string {
  return `clientId${clientId}deviceName${deviceName}productKey${productKey}${timestamp === undefined ? '' : `timestamp${timestamp}`}`
}
