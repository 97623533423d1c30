import { readFileSync, statSync } from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setDefaultCACertificates, getCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureDevelopmentTls, type DevelopmentTls } from '@vigil/broker'
import type { CommandAccepted, CommandList, Device, EnrolmentCodeCreated, Ledger } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { systemClock } from '@vigil/program'
import { runAgent, startAgent, type AgentProcess } from '../support/agent.ts'
import type { Api } from '../support/api.ts'
import { startWard, type Ward } from '../support/ward.ts'

describe('a board that is let in with a one-time code, over TLS of an authority it has never heard of', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vigil-enrol-'))
  const data = join(dir, 'board')
  let tls: DevelopmentTls
  let ward: Ward
  let api: Api
  let code: EnrolmentCodeCreated
  let agent: AgentProcess | undefined
  const usual = getCACertificates()
  const enrol = (...more: string[]) => runAgent(['enrol', '--url', ward.ready.http, '--code', code.code, '--data', data, ...more])
  const doctor = async () => {
    const { code: exit, out } = await runAgent(['doctor', '--data', data, '--emulate', '--json'])
    const { findings } = JSON.parse(out) as { findings: { check: string; verdict: string; found: string; todo?: string }[] }
    return { exit, findings, verdicts: Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict])) }
  }
  const command = async (name: string, args: Record<string, unknown> = {}) => {
    const { id } = await api.post<CommandAccepted>('/devices/pi-1/commands', { do: name, args, expiresInMs: 300_000 })
    return until(`${name} to end`, 90_000, async () => (await api.get<CommandList>('/devices/pi-1/commands')).commands.find((one) => one.id === id && ['done', 'failed', 'refused', 'unknown', 'expired'].includes(one.state)))
  }

  beforeAll(async () => {
    tls = await ensureDevelopmentTls(join(dir, 'tls'), systemClock)
    setDefaultCACertificates([...usual, tls.ca])
    ward = await startWard({ VIGIL_TLS_CERT: join(dir, 'tls', 'server.crt'), VIGIL_TLS_KEY: join(dir, 'tls', 'server.key') })
    api = await ward.admin()
    code = await api.post<EnrolmentCodeCreated>('/enrolment-codes', { deviceId: 'pi-1', mode: 'test', label: 'Window bed' })
  })
  afterAll(async () => {
    await agent?.end()
    await ward?.end()
    setDefaultCACertificates(usual)
    rmSync(dir, { recursive: true, force: true })
  })

  it('sends nothing to a server it cannot know, and says what to compare', async () => {
    const unknown = await enrol()
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining(code.fingerprint ?? 'no fingerprint') })
    expect(await enrol('--fingerprint', tls.fingerprint)).toMatchObject({ code: 1, err: expect.stringContaining('not the server you mean') })
    expect(await runAgent(['enrol', '--url', ward.ready.http.replace('https', 'http').replace('127.0.0.1', '10.1.2.3'), '--code', code.code, '--data', data])).toMatchObject({ code: 2, err: expect.stringContaining('https://') })
  })

  it('gets its name, its secret and the authority, all for its user alone', async () => {
    expect(await enrol('--fingerprint', code.fingerprint ?? '')).toMatchObject({ code: 0, out: expect.stringContaining('This board is pi-1 at site main') })
    for (const file of ['enrolment.json', 'pi-1.secret', 'ca.pem']) expect(statSync(join(data, 'agent', file)).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(data, 'agent', 'ca.pem'), 'utf8').trim()).toBe(tls.ca.trim())
    expect(await enrol('--fingerprint', code.fingerprint ?? '')).toMatchObject({ code: 1, err: expect.stringContaining('was used already') })
  })

  it('is examined by its doctor before it has measured anything', async () => {
    const { exit, verdicts } = await doctor()
    expect(verdicts).toEqual({ enrolment: 'ok', secret: 'ok', folder: 'ok', sensors: 'ok', dns: 'ok', network: 'ok', tls: 'ok', credentials: 'ok', clock: 'ok', receipt: 'warning' })
    expect(exit).toBe(0)
  })

  it('measures, is heard, and its doctor finds the first receipt', async () => {
    agent = startAgent(['run', '--data', data, '--emulate'])
    await until('its numbers in the database', 90_000, async () => ((await api.get<Ledger>('/devices/pi-1/ledger')).epochs[0]?.upto ?? 0) > 2 || undefined)
    expect(await api.get<Device>('/devices/pi-1')).toMatchObject({ status: 'online', mode: 'test', label: 'Window bed' })
    // It writes how it is doing every five seconds.
    await until('its status to say so', 30_000, async () => (await runAgent(['status', '--data', data])).code === 0 || undefined)
    expect((await runAgent(['logs', '--data', data])).out).toContain('link.online')
    const { verdicts } = await doctor()
    expect(verdicts).toMatchObject({ credentials: 'ok', receipt: 'ok' })
  })

  it('does what it is asked from afar and says why when it cannot', async () => {
    expect(await command('self_test')).toMatchObject({ state: 'done', data: { clock: 'clock', sensors: expect.arrayContaining(['max30102@0x57']) } })
    expect(await command('send_log', { lines: 5 })).toMatchObject({ state: 'done', data: { lines: expect.arrayContaining([expect.stringContaining('command')]) } })
    expect(await command('display', { text: 'hello' })).toMatchObject({ state: 'failed', why: 'This board has no display.' })
    expect(await command('calibrate', { signal: 'temp', reference: 12 })).toMatchObject({ state: 'failed', why: expect.stringContaining('away from the reference') })
    expect((await runAgent(['calibrate', '--data', data, '--signal', 'temp', '--reference', '37'])).out).toMatch(/^Calibrated/)
    const before = (await api.get<Ledger>('/devices/pi-1/ledger')).epochs
    expect(await command('restart')).toMatchObject({ state: 'done' })
    await until('its numbers to go on', 90_000, async () => ((await api.get<Ledger>('/devices/pi-1/ledger')).epochs[0]?.upto ?? 0) > (before[0]?.upto ?? 0) + 2 || undefined)
    expect((await api.get<Ledger>('/devices/pi-1/ledger')).epochs).toMatchObject([{ epoch: before[0]?.epoch, missing: 0 }])
    expect(agent?.isRunning()).toBe(true)
  })

  it('is cut off at once when its secret is revoked, and its doctor knows why', async () => {
    await api.post('/devices/pi-1/revocation', { reason: 'left in a taxi' })
    await until('it is gone', 10_000, async () => (await api.get<Device>('/devices/pi-1')).status === 'lost' || undefined, 20)
    await until('it has tried again', 60_000, async () => (await runAgent(['status', '--data', data])).out.includes('refuses the name or the secret') || undefined)
    const { exit, findings } = await doctor()
    expect(exit).toBe(1)
    expect(findings).toContainEqual(expect.objectContaining({ check: 'credentials', verdict: 'problem', todo: expect.stringContaining('enrol this board again') }))
  })

  it('comes back with another code, and nothing it measured meanwhile is missing', async () => {
    code = await api.post<EnrolmentCodeCreated>('/enrolment-codes', { deviceId: 'pi-1' })
    expect(await enrol('--fingerprint', code.fingerprint ?? '')).toMatchObject({ code: 0 })
    await agent?.end()
    agent = startAgent(['run', '--data', data, '--emulate'])
    await until('it is online', 90_000, async () => (await api.get<Device>('/devices/pi-1')).status === 'online' || undefined)
    await until('nothing is missing', 90_000, async () => {
      const { spool } = JSON.parse((await runAgent(['status', '--data', data, '--json'])).out) as { spool: { lastSeq: number } }
      const [epoch] = (await api.get<Ledger>('/devices/pi-1/ledger')).epochs
      return (epoch && epoch.missing === 0 && epoch.upto >= spool.lastSeq - 3) || undefined
    })
  })
})
