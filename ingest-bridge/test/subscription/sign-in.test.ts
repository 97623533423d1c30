import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { consumerKeys } from '../../src/subscription/consumer-keys.ts'
import { createFrameGuard } from '../../src/subscription/frame-guard.ts'
import { isSignedBy, signPassword } from '../../src/subscription/signature.ts'
import { readUserName } from '../../src/subscription/user-name.ts'

const TIMESTAMP = '1573489088171'

describe('the user name of a consumer', () => {
  it('is read as Alibaba Cloud IoT writes it', () => {
    expect(readUserName(`D4-6D-6D|authMode=aksign,signMethod=hmacsha1,timestamp=${TIMESTAMP},authId=KEY,iotInstanceId=,consumerGroupId=DEFAULT_GROUP|`)).toEqual({
      clientId: 'D4-6D-6D',
      group: 'DEFAULT_GROUP',
      format: undefined,
      signed: { method: 'hmacsha1', timestamp: TIMESTAMP, keyId: 'KEY' },
    })
  })
  it('may be the group alone, or name the format', () => {
    expect(readUserName('records')).toEqual({ clientId: 'records', group: 'records', format: undefined, signed: undefined })
    expect(readUserName('ehr-1|consumerGroupId=records,format=alink|')).toEqual({ clientId: 'ehr-1', group: 'records', format: 'alink', signed: undefined })
  })
  it.each(['', 'two words', 'a|consumerGroupId=|', 'a|authMode=aksign,consumerGroupId=g|', `a|authMode=aksign,signMethod=crc,timestamp=${TIMESTAMP},authId=K,consumerGroupId=g|`, `${'x'.repeat(65)}|consumerGroupId=g|`])('%j is none', (text) => {
    expect(readUserName(text)).toBeUndefined()
  })
})

describe('the signature', () => {
  it.each([['hmacsha1', 'sha1'], ['hmacmd5', 'md5'], ['hmacsha256', 'sha256']] as const)('by %s is the base64 of the HMAC over key and time', (method, algorithm) => {
    const options = { method, keyId: 'KEY', secret: 'secret', timestamp: TIMESTAMP }
    expect(signPassword(options)).toBe(createHmac(algorithm, 'secret').update(`authId=KEY&timestamp=${TIMESTAMP}`).digest('base64'))
    expect(isSignedBy(signPassword(options), options)).toBe(true)
    expect(isSignedBy(signPassword({ ...options, secret: 'other' }), options)).toBe(false)
    expect(isSignedBy('', options)).toBe(false)
  })
})

describe('the key file', () => {
  it('is read again when it changes, and a missing one has no keys', () => {
    const dir = mkdtempSync(join(tmpdir(), 'vigil-keys-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const path = join(dir, 'keys.json')
    const keys = consumerKeys(path)
    expect(keys.find('a')).toBeUndefined()
    writeFileSync(path, JSON.stringify({ keys: [{ id: 'a', secret: 's', groups: ['g'] }] }))
    expect(keys.find('a')?.groups).toEqual(['g'])
    writeFileSync(path, JSON.stringify({ keys: [] }))
    expect(keys.find('a')).toBeUndefined()
    writeFileSync(path, '{"keys":[{"id":1}]}')
    expect(() => keys.find('a')).toThrow(/must hold/)
  })
})

describe('the frame guard', () => {
  const frame = (size: number) => {
    const bytes = Buffer.alloc(size)
    bytes.writeUInt32BE(size)
    return bytes
  }
  const header = Buffer.from([0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0])
  it('lets headers and frames pass, however they are cut', () => {
    const guard = createFrameGuard()
    const bytes = Buffer.concat([header, frame(100), header, frame(8), frame(3_000)])
    for (let i = 0; i < bytes.length; i++) expect(guard.look(bytes.subarray(i, i + 1))).toBeUndefined()
  })
  it('ends what announces more than a stranger may send, and what is not AMQP', () => {
    expect(createFrameGuard().look(Buffer.concat([header, Buffer.from([0x7f, 0xff, 0xff, 0xff])]))).toBe('a frame of 2147483647 bytes')
    expect(createFrameGuard().look(Buffer.concat([header, frame(5_000)]))).toContain('5000')
    expect(createFrameGuard().look(Buffer.from('\0\0\0\x01'))).toBe('not AMQP 1.0')
    const known = createFrameGuard()
    known.signedIn()
    expect(known.look(Buffer.concat([header, frame(5_000)]))).toBeUndefined()
  })
})
