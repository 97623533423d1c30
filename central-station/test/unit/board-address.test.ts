import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { createBoardAddress } from '../../src/enrolment/board-address.ts'
import { macOfCode, newCode, normaliseCode } from '../../src/enrolment/code.ts'

const data = mkdtempSync(join(tmpdir(), 'vigil-boards-'))
afterAll(() => rmSync(data, { recursive: true }))

/** A self-signed certificate made for this test with openssl; its key was thrown away. */
const SELF_SIGNED = `-----BEGIN CERTIFICATE-----
MIIBhjCCASugAwIBAgIUaqrrOuilcHw+6alBtD3q8qaawGgwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMd2FyZC5leGFtcGxlMCAXDTI2MTEyODE3MjI0NFoYDzIxMjYx
MTA0MTcyMjQ0WjAXMRUwEwYDVQQDDAx3YXJkLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAATwY4gMwEl5VD/rpe6OiV41jc0IlYakWGH0sk1fIYHkansd
r8auI40fTegO4MJQfa4a01bkkNwG5ILCh/nXYuvNo1MwUTAdBgNVHQ4EFgQUZKXU
jN5I6cXG4vrWuCJcSJkCuSMwHwYDVR0jBBgwFoAUZKXUjN5I6cXG4vrWuCJcSJkC
uSMwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAph+52hDQN5mP
VspOaq+q1HcFgvmLAn4CwQI5NSBtC2QCIQCogNBzOoETRKAOwN8FAkc3ZFwQJV0n
sAH5bLAbe1cpeA==
-----END CERTIFICATE-----
`
const FINGERPRINT = 'BA:02:38:A4:0D:EE:E0:22:F0:BB:F0:36:D4:98:D5:2E:73:C7:AF:6D:F3:26:8F:CE:11:12:B2:C3:DE:F8:A4:2D'
const file = (name: string, content: string) => {
  writeFileSync(join(data, name), content)
  return join(data, name)
}
const usual = { data, mqttUrl: 'mqtt://127.0.0.1:1883', mqttsPort: 8883 }

describe('what a board that enrols is told', () => {
  it('is the name it reached the server by, with the port of MQTT over TLS', () => {
    const boards = createBoardAddress(usual)
    for (const [host, url] of [['ward.example:8080', 'mqtts://ward.example:8883'], ['10.0.0.5', 'mqtts://10.0.0.5:8883'], ['[::1]:8080', 'mqtts://[::1]:8883'], ['', 'mqtts://127.0.0.1:8883']] as const) expect(boards.at(host).mqtt).toEqual([url])
    expect(boards.fingerprint).toBeUndefined()
  })

  it("is the operator's broker where there is one, or what the operator says", () => {
    expect(createBoardAddress({ ...usual, mqttUrl: 'mqtts://emqx.example:8883' }).at('x').mqtt).toEqual(['mqtts://emqx.example:8883'])
    expect(createBoardAddress({ ...usual, deviceMqttUrl: 'mqtts://a:8883, mqtts://b:8884' }).at('x').mqtt).toEqual(['mqtts://a:8883', 'mqtts://b:8884'])
    expect(() => createBoardAddress({ ...usual, deviceMqttUrl: 'https://a' })).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }))
  })

  it('names the authority: the one given, the self-signed certificate in use, the development CA, or none', () => {
    expect(createBoardAddress(usual).at('x')).not.toHaveProperty('ca')
    expect(createBoardAddress({ ...usual, deviceCa: file('own.pem', 'own') }).at('x').ca).toBe('own')
    const selfSigned = createBoardAddress({ ...usual, tlsCert: file('server.pem', SELF_SIGNED) })
    expect(selfSigned.at('x').ca).toBe(SELF_SIGNED)
    expect(selfSigned.fingerprint).toBe(FINGERPRINT)
    expect(() => createBoardAddress({ ...usual, deviceCa: join(data, 'missing') })).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }))
  })
})

describe('a code', () => {
  it('survives being typed by a person, and two codes never look alike', () => {
    const pepper = Buffer.alloc(32, 3)
    fc.assert(
      fc.property(fc.boolean(), fc.constantFrom('-', ' ', ''), fc.constantFrom('o', 'O', '0'), fc.constantFrom('i', 'l', 'L', '1'), (lower, gap, zero, one) => {
        const code = newCode()
        const typed = code.replace('-', gap).replaceAll('0', zero).replaceAll('1', one)
        expect(macOfCode(pepper, lower ? typed.toLowerCase() : typed)).toEqual(macOfCode(pepper, code))
      }),
    )
    expect(new Set(Array.from({ length: 500 }, newCode)).size).toBe(500)
    expect(normaliseCode('k7qx3-m9tbd')).toBe('K7QX3M9TBD')
  })
})
