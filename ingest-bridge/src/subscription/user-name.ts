import { isName } from '@vigil/contract'
import { type FeedFormat, feedFormats } from './feed-message.ts'

/** What a consumer's user name says. */
export interface UserName {
  readonly clientId: string
  readonly group: string
  readonly format: FeedFormat | undefined
  /** Present when the password is a signature. */
  readonly signed: { readonly method: SignMethod; readonly timestamp: string; readonly keyId: string } | undefined
}

export const signMethods = { hmacmd5: 'md5', hmacsha1: 'sha1', hmacsha256: 'sha256' } as const
export type SignMethod = keyof typeof signMethods

const MAX_USER_NAME = 512

/**
 * Reads a user name. The form of Alibaba Cloud IoT, for consumers written for it:
 * `{clientId}|authMode=aksign,signMethod=hmacsha1,timestamp={ms},authId={key},iotInstanceId={any},consumerGroupId={group}|`.
 * For everyone else the consumer group alone: the password is then a program's token. `format` may be named as well.
 */
export function readUserName(text: string): UserName | undefined {
  if (text.length > MAX_USER_NAME) return undefined
  if (isName(text)) return { clientId: text, group: text, format: undefined, signed: undefined }
  const [, clientId = '', list = ''] = /^([^|]{1,64})\|([^|]*)\|?$/.exec(text) ?? []
  const fields = new Map(list.split(',').map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
  const group = fields.get('consumerGroupId') ?? ''
  const format = feedFormats.find((known) => known === fields.get('format'))
  const signed = fields.get('authMode') === 'aksign' ? readSigned(fields) : undefined
  if (clientId === '' || !isName(group) || signed === 'unreadable') return undefined
  return { clientId, group, format, signed }
}

function readSigned(fields: ReadonlyMap<string, string>): NonNullable<UserName['signed']> | 'unreadable' {
  const method = (fields.get('signMethod') ?? 'hmacsha1').toLowerCase()
  const timestamp = fields.get('timestamp') ?? ''
  const keyId = fields.get('authId') ?? ''
  return isSignMethod(method) && /^\d{13}$/.test(timestamp) && keyId !== '' ? { method, timestamp, keyId } : 'unreadable'
}

function isSignMethod(text: string): text is SignMethod {
  return text in signMethods
}
