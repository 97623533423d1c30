import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { systemClock } from '@vigil/program'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureDevelopmentTls } from '../src/index.ts'
import { namesOfThisMachine } from '../src/tls/development-ca.ts'

const DAY_MS = 86_400_000

describe('the certificates of an installation', () => {
  let dir: string
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'vigil-ca-'))))
  afterEach(() => rmSync(dir, { recursive: true }))

  it('are made at first start, readable by their owner alone, and good for this machine under each of its names', async () => {
    const tls = await ensureDevelopmentTls(dir, systemClock)
    const server = new X509Certificate(tls.cert)
    const ca = new X509Certificate(readFileSync(tls.caPath))
    expect(server.verify(ca.publicKey)).toBe(true)
    expect(server.checkIssued(ca)).toBe(true)
    expect([ca.ca, server.ca]).toEqual([true, false])
    expect(server.checkHost('localhost')).toBe('localhost')
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(server.checkIP('::1')).toBe('::1')
    expect(server.checkHost(hostname())).toBe(hostname())
    expect(server.checkHost('elsewhere.example')).toBeUndefined()
    expect(server.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' })
    expect(tls.fingerprint).toBe(ca.fingerprint256)
    for (const file of ['ca.crt', 'ca.key', 'server.crt', 'server.key']) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600)
  })

  it('are used again at the next start', async () => {
    const first = await ensureDevelopmentTls(dir, systemClock)
    expect(await ensureDevelopmentTls(dir, systemClock)).toEqual(first)
  })

  it('are renewed from the same authority when they end soon, so that no board has to be touched', async () => {
    const clock = manualClock()
    const first = await ensureDevelopmentTls(dir, clock)
    clock.advance(360 * DAY_MS)
    expect(await ensureDevelopmentTls(dir, clock)).toEqual(first)
    clock.advance(10 * DAY_MS)
    const renewed = await ensureDevelopmentTls(dir, clock)
    expect(renewed.cert).not.toBe(first.cert)
    expect(renewed.fingerprint).toBe(first.fingerprint)
  })

  it('are made anew when this machine gets another address', async () => {
    const first = await ensureDevelopmentTls(dir, systemClock, ['localhost', '10.1.2.3'])
    const second = await ensureDevelopmentTls(dir, systemClock, ['localhost', '10.1.2.4'])
    expect(new X509Certificate(second.cert).checkIP('10.1.2.4')).toBe('10.1.2.4')
    expect(second.fingerprint).toBe(first.fingerprint)
  })

  it('name this machine as clients may know it', () => {
    expect(namesOfThisMachine()).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', '::1']))
  })
})
