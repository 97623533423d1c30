import { spawn } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AuditChain } from '@vigil/contract'
import { silentLog, systemClock } from '@vigil/program'
import { verifyAudit } from '../../src/audit/verify-audit.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

let postgres: TestPostgres
let ward: TestStation

/** As somebody does who may do everything in the database: the triggers are switched off first. */
const tamper = (...statements: string[]) => run(ward.databaseUrl, ['alter table audit disable trigger user', ...statements, 'alter table audit enable trigger user'])
const verify = () => verifyAudit({ databaseUrl: ward.databaseUrl, data: ward.data, clock: systemClock, log: silentLog })
const broken = async () => (await verify()).breaks.map(({ kind, seq }) => [kind, seq])
const count = async () => (await rows<{ n: number }>(ward.databaseUrl, 'select count(*)::int as n from audit'))[0]?.n ?? 0

beforeAll(async () => {
  postgres = await startPostgres()
  const databaseUrl = await postgres.database()
  // An audit of an earlier version, from before the chain.
  await run(databaseUrl, [`insert into audit (username, role, action, detail) select 'admin', 'admin', 'patient.read', jsonb_build_object('n', n) from generate_series(1, 3) n`])
  ward = await startStation({ databaseUrl })
  for (let i = 0; i < 4; i++) await ward.admin.post('/patients', { familyName: `Of chain ${i}` })
  await ward.admin.get('/audit')
  // The anchors of the whole run are on the disk from here on, and nothing appends any more.
  await ward.stopStation()
})
afterAll(async () => {
  await ward?.startAgain().catch(() => undefined)
  await ward?.stop()
  await postgres?.stop()
})

describe('an audit past the program', () => {
  beforeEach(async () => {
    await run(ward.databaseUrl, ['drop table if exists kept, kept_head', 'create table kept as select * from audit', 'create table kept_head as select * from audit_head'])
    return () => tamper('delete from audit', 'insert into audit overriding system value select * from kept', 'delete from audit_head', 'insert into audit_head select * from kept_head')
  })

  it('is whole when nobody touched it, and vouches for what was there before it', async () => {
    const verdict = await verify()
    expect(verdict).toMatchObject({ earlier: 3, breaks: [] })
    expect(verdict.entries + 3).toBe(await count())
    expect(verdict.head.seq).toBe(verdict.entries)
  })

  it.each([
    ['a changed name', `update audit set username = 'somebody' where seq = 4`, [['changed', 4]]],
    ['a changed time', `update audit set at = at - interval '1 ms' where seq = 5`, [['changed', 5]]],
    ['a changed detail', `update audit set detail = '{"found": []}' where seq = 3`, [['changed', 3]]],
    ['a changed entry from before the chain', `update audit set detail = '{"n": 7}' where seq is null and detail = '{"n": 2}'`, [['changed', undefined]]],
    ['a removed entry', 'delete from audit where seq = 4', [['removed', 4]]],
    ['a removed entry from before the chain', `delete from audit where seq is null and detail = '{"n": 1}'`, [['changed', undefined]]],
    ['an entry put in', `insert into audit (username, role, action) values ('li', 'nurse', 'alarm.acknowledge')`, [['inserted', undefined]]],
    ['two entries that changed places', 'update audit set seq = case seq when 3 then 1004 else 1003 end where seq in (3, 4); update audit set seq = seq - 1000 where seq > 1000', [['changed', 3], ['changed', 4], ['changed', 5]]],
    ['a hash that was made up', `update audit set hash = decode(repeat('ab', 32), 'hex') where seq = 4`, [['changed', 4], ['changed', 5]]],
  ])('%s is found and named', async (_what, statement, expected) => {
    await tamper(statement)
    expect(await broken()).toEqual(expected)
  })

  it('a cut tail is found, also when the end of the chain in the database was set back', async () => {
    const [{ seq, hash } = { seq: 0, hash: '' }] = await rows<{ seq: number; hash: string }>(ward.databaseUrl, `select seq, encode(hash, 'hex') as hash from audit where seq = 4`)
    await tamper('delete from audit where seq > 4', `update audit_head set seq = ${seq}, hash = decode('${hash}', 'hex')`)
    const verdict = await verify()
    expect(verdict.breaks).toEqual([expect.objectContaining({ kind: 'tail', seq: 5, sentence: expect.stringMatching(/last \d+ entries are gone/) })])
  })

  it('an end that was set elsewhere is found', async () => {
    await tamper(`update audit_head set hash = decode(repeat('00', 32), 'hex')`)
    expect((await verify()).breaks).toMatchObject([{ kind: 'head' }])
  })

  it('npm run audit:verify names the entry and ends with 1', async () => {
    const cli = () =>
      new Promise<{ code: number | null; text: string }>((resolve) => {
        const child = spawn(process.execPath, ['ops/src/cli/audit-verify.ts', '--data', ward.data, '--database-url', ward.databaseUrl], { cwd: `${import.meta.dirname}/../../..`, env: {} })
        let text = ''
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => { text += data.toString() })
        child.on('close', (code) => resolve({ code, text }))
      })
    await tamper(`update audit set action = 'patient.nothing' where seq = 4`)
    expect(await cli()).toMatchObject({ code: 1, text: expect.stringContaining('Entry 4 (patient.nothing) is not what was written.') })
  }, 60_000)
})

describe('while the station runs', () => {
  it('many records at once stand in one unbroken order, and the API says so', async () => {
    await ward.startAgain()
    const admin = await ward.as('admin', 'correct horse battery staple')
    await Promise.all(Array.from({ length: 30 }, (_, i) => admin.post('/patients', { familyName: `At once ${i}` })))
    const chain = await admin.get<AuditChain>('/audit/chain')
    expect(chain).toMatchObject({ state: 'whole', breaks: [], verifiedTo: expect.any(String) })
    const [row] = await rows<{ n: number; last: number }>(ward.databaseUrl, 'select count(seq)::int as n, max(seq)::int as last from audit')
    expect([chain.entries, row?.last]).toEqual([row?.n, row?.n])
  })
})
