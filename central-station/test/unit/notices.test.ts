import { createHmac } from 'node:crypto'
import { createServer as createHttp, type IncomingMessage, type Server as HttpServer } from 'node:http'
import { createServer as createTcp, type Server as TcpServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alarm } from '@vigil/contract'
import type { StepKind } from '@vigil/contract/alarms'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { until } from '@vigil/ops/testing'
import { silentLog } from '@vigil/program'
import type { AlarmLine, NoticeLine } from '../../src/alarms/log/alarm-line.ts'
import { EscalatingNotifier } from '../../src/alarms/notify/notifier.ts'
import { RETRY_MS } from '../../src/outbound/retry-ladder.ts'
import type { Recipient } from '../../src/alarms/notify/recipients.ts'
import type { CacheFile } from '../../src/files/cache-file.ts'

const T = Date.UTC(2026, 0, 1)
const SECRET = 'a secret of the pager'

/** A pager's own server: keeps what it was told, and refuses as often as the test wants. */
async function startPager() {
  const heard: { headers: IncomingMessage['headers']; body: string }[] = []
  const pager = { heard, refuse: 0, url: '', server: undefined as HttpServer | undefined }
  pager.server = createHttp((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk.toString() })
    request.on('end', () => {
      if (pager.refuse > 0) {
        pager.refuse -= 1
        return void response.writeHead(503).end()
      }
      heard.push({ headers: request.headers, body })
      response.writeHead(200).end('{}')
    })
  })
  await new Promise<void>((resolve) => { pager.server?.listen(0, '127.0.0.1', resolve) })
  pager.url = `http://127.0.0.1:${(pager.server.address() as { port: number }).port}/notice`
  return pager
}

/** A mail server that speaks SMTP (RFC 5321) line by line. */
async function startMail() {
  const mails: { from: string; to: string; text: string }[] = []
  const server: TcpServer = createTcp((socket) => {
    let mail = { from: '', to: '', text: '' }
    let pending = ''
    let inData = false
    const answer = (line: string) => socket.write(`${line}\r\n`)
    answer('220 mail.test ESMTP')
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      const lines = (pending + chunk.toString()).split('\r\n')
      pending = lines.pop() ?? ''
      for (const line of lines) {
        if (inData) {
          if (line !== '.') mail.text += `${line}\n`
          else {
            inData = false
            mails.push(mail)
            mail = { from: '', to: '', text: '' }
            answer('250 2.0.0 queued')
          }
        } else if (/^EHLO/i.test(line)) answer('250 mail.test')
        else if (/^MAIL FROM/i.test(line)) { mail.from = line; answer('250 2.1.0 ok') }
        else if (/^RCPT TO/i.test(line)) { mail.to = line; answer('250 2.1.5 ok') }
        else if (/^DATA/i.test(line)) { inData = true; answer('354 go on') }
        else if (/^QUIT/i.test(line)) { answer('221 bye'); socket.end() }
        else answer('250 ok')
      }
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return { mails, url: `smtp://127.0.0.1:${(server.address() as { port: number }).port}`, server }
}

const noCache: CacheFile = { read: () => undefined, put: () => undefined, flush: async () => undefined, stop: async () => undefined }
let count = 0
const alarm = (more: Partial<Alarm> = {}): Alarm => ({
  id: `00000000-0000-8000-8000-${String(++count).padStart(12, '0')}`, subject: { kind: 'stay', id: 's1' }, condition: 'low:spo2', kind: 'physiological', priority: 'high', state: 'active', version: 1,
  since: new Date(T).toISOString(), announcedAt: new Date(T).toISOString(), questionable: false, escalation: { taken: [] }, deliveries: [], site: 'main', wardId: 'east', bedLabel: '12', stayId: 's1',
  mode: 'real', sentence: 'SpO2 84 %, below 90', patient: { id: 'p', familyName: 'Kowalski', givenName: 'Ewa', title: '', mode: 'real' }, ...more,
})

describe('people who are not in front of a screen', { timeout: 60_000 }, () => {
  let pager: Awaited<ReturnType<typeof startPager>>
  let mail: Awaited<ReturnType<typeof startMail>>
  let clock: ManualClock
  let lines: NoticeLine[]
  let notifier: EscalatingNotifier

  const begin = (recipients: readonly Recipient[], maySpeak = () => true, known?: readonly NoticeLine[]) => {
    notifier = new EscalatingNotifier({ recipients, escalation: undefined, cache: noCache, write: (written: readonly AlarmLine[]) => lines.push(...written.map(({ record }) => record as NoticeLine)), maySpeak, known, clock, log: silentLog })
  }
  const webhook = (more: Partial<Extract<Recipient, { channel: 'webhook' }>> = {}): Recipient => ({ name: 'pager', step: 'first', channel: 'webhook', url: pager.url, secret: SECRET, ...more })
  const states = (id: string) => notifier.deliveries(id).map(({ state }) => state)

  beforeEach(async () => {
    pager = await startPager()
    mail = await startMail()
    clock = manualClock(T)
    lines = []
  })
  afterEach(() => {
    notifier.stop()
    pager.server?.closeAllConnections()
    pager.server?.close()
    mail.server.close()
  })

  it('are told by a signed webhook: the bed, and no name', async () => {
    begin([webhook()])
    const one = alarm()
    notifier.told(one, 'announced', 0)
    const { headers, body } = await until('the pager', 20_000, () => pager.heard[0])
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-vigil-signature'])) ?? []
    expect([Number(t), v1]).toEqual([T / 1_000, createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex')])
    expect(JSON.parse(body)).toMatchObject({ step: 'first', priority: 'high', title: 'HIGH bed 12, east', lines: ['HIGH bed 12, east: SpO2 84 %, below 90'] })
    expect(body).not.toContain('Kowalski')
    await until('the receipt', 20_000, () => (states(one.id)[0] === 'delivered' ? true : undefined))
  })

  it('are told the name only where somebody decided so', async () => {
    begin([webhook({ names: true })])
    const one = alarm()
    notifier.told(one, 'announced', 0)
    expect((await until('the pager', 20_000, () => pager.heard[0])).body).toContain('Kowalski')
    await until('the receipt', 20_000, () => (states(one.id)[0] === 'delivered' ? true : undefined))
  })

  it('are told again by a ladder when it did not go out, and the alarm shows how far it got', async () => {
    pager.refuse = 2
    begin([webhook()])
    const one = alarm()
    notifier.told(one, 'announced', 0)
    await until('the first refusal', 20_000, () => (states(one.id)[0] === 'waiting' ? true : undefined))
    expect(notifier.deliveries(one.id)[0]).toMatchObject({ tries: 1, why: expect.stringContaining('503') })
    clock.advance(RETRY_MS[0])
    await until('the second refusal', 20_000, () => (notifier.deliveries(one.id)[0]?.tries === 2 ? true : undefined))
    clock.advance(RETRY_MS[1])
    await until('the third try', 20_000, () => (states(one.id)[0] === 'delivered' ? true : undefined))
    expect(lines.map(({ state, tries }) => `${state} ${tries}`)).toEqual(['waiting 1', 'waiting 2', 'delivered 3'])
  })

  it('and when nothing helps, it says so', async () => {
    pager.refuse = 99
    begin([webhook()])
    const one = alarm()
    notifier.told(one, 'announced', 0)
    for (let tries = 1; tries <= RETRY_MS.length; tries++) {
      await until(`try ${tries}`, 20_000, () => (notifier.deliveries(one.id)[0]?.tries === tries ? true : undefined))
      clock.advance(RETRY_MS[tries - 1] ?? 0)
    }
    await until('the end', 20_000, () => (states(one.id)[0] === 'failed' ? true : undefined))
  })

  it('are told by ntfy with its priority, and by mail', async () => {
    begin([{ name: 'phone', step: 'first', channel: 'ntfy', url: pager.url, token: 'tk_1' }, { name: 'doctor', step: 'first', channel: 'smtp', server: mail.url, from: 'vigil@test', to: 'duty@test' }])
    const one = alarm()
    notifier.told(one, 'announced', 0)
    const note = await until('ntfy', 20_000, () => pager.heard[0])
    expect([note.headers['priority'], note.headers['authorization'], note.headers['title'], note.body]).toEqual(['5', 'Bearer tk_1', 'HIGH bed 12, east', 'HIGH bed 12, east: SpO2 84 %, below 90'])
    const letter = await until('the mail', 20_000, () => mail.mails[0])
    expect(letter.from + letter.to).toContain('vigil@test')
    expect(letter.text).toContain('Subject: HIGH bed 12, east')
    expect(letter.text).toContain('SpO2 84 %, below 90')
    await until('both', 20_000, () => (states(one.id).length === 2 && states(one.id).every((state) => state === 'sent') ? true : undefined))
  })

  it('get one notice for the conditions of one patient within ten seconds', async () => {
    begin([webhook()])
    notifier.told(alarm(), 'announced', 0)
    notifier.told(alarm({ condition: 'high:pr', sentence: 'PR 130 /min, above 120', priority: 'medium' }), 'announced', 0)
    notifier.told(alarm({ condition: 'desat:spo2', sentence: 'Desaturation' }), 'announced', 0)
    clock.advance(10_000)
    await until('two notices', 20_000, () => (pager.heard.length === 2 ? true : undefined))
    expect(pager.heard.map(({ body }) => (JSON.parse(body) as { lines: string[] }).lines.length).sort((a, b) => a - b)).toEqual([1, 2])
  })

  it('get one notice for a flood with one cause', async () => {
    begin([webhook()])
    for (let bed = 1; bed <= 24; bed++) notifier.told(alarm({ condition: 'device_lost', kind: 'technical', stayId: `s${bed}`, subject: { kind: 'stay', id: `s${bed}` }, bedLabel: String(bed), sentence: 'Device lost', priority: 'medium' }), 'announced', 0)
    clock.advance(10_000)
    await until('eleven notices', 20_000, () => (pager.heard.length === 11 ? true : undefined))
    const last = pager.heard.map(({ body }) => JSON.parse(body) as { title: string; lines: string[] }).find(({ lines }) => lines.length > 1)
    expect([last?.title, last?.lines.length]).toEqual(['MEDIUM Device lost: 14 beds', 14])
  })

  it('are called within ten seconds when a high alarm sounds on no screen, once', async () => {
    begin([webhook({ step: 'charge', name: 'charge nurse' })])
    const one = alarm()
    notifier.told(one, 'announced', 0)
    for (let second = 1; second <= 9; second++) {
      clock.advance(1_000)
      notifier.sweep([one], {})
    }
    const { body } = await until('the call', 20_000, () => pager.heard[0])
    expect(JSON.parse(body)).toMatchObject({ step: 'charge', lines: [expect.any(String), 'Why you: no screen of this ward will be heard.'] })
    expect(notifier.deliveries(one.id)).toHaveLength(1)
    const heard = alarm()
    notifier.sweep([heard], { east: 1 })
    expect(notifier.deliveries(heard.id)).toEqual([])
  })

  it('are not called because a screen is opened anew, or another engine takes over and is not told of it yet', async () => {
    begin([webhook({ step: 'charge', name: 'charge nurse' })])
    const one = alarm()
    notifier.told(one, 'announced', 0)
    const look = (seconds: number, armed: Readonly<Record<string, number>>) => {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000)
        notifier.sweep([one], armed)
      }
    }
    look(40, { east: 1 })
    look(4, {})
    look(20, { east: 1 })
    notifier.stop()
    begin([webhook({ step: 'charge', name: 'charge nurse' })])
    notifier.takeUp([one])
    look(4, {})
    look(20, { east: 1 })
    expect(notifier.deliveries(one.id)).toEqual([])
    look(8, {})
    await until('the call', 20_000, () => pager.heard[0])
  })

  it('are told by whoever takes over what the one before had written down and not sent, and nothing twice', async () => {
    const all = ['first', 'next', 'charge'].map((step) => webhook({ step, name: step }))
    const line = (step: string, atMs: number): NoticeLine => ({ stream: 'notice', id: step, alarmId: 'x', recipient: step, step, channel: 'webhook', atMs, state: 'delivered', tries: 1, why: null })
    const one = alarm({ id: 'x', escalation: { taken: ['first', 'next'], next: 'charge', nextAt: new Date(T + 60_000).toISOString() } })
    // Announced a minute ago; the first was told, and nobody heard it: the charge nurse was called for that.
    begin(all, () => true, [line('first', T - 60_000), line('charge', T - 50_000)])
    notifier.takeUp([one])
    for (let second = 0; second < 20; second++) {
      clock.advance(1_000)
      notifier.sweep([one], {})
    }
    await until('the next person', 20_000, () => pager.heard[0])
    await until('the receipt', 20_000, () => (notifier.deliveries('x').length === 3 ? true : undefined))
    expect(pager.heard.map(({ body }) => (JSON.parse(body) as { step: string }).step)).toEqual(['next'])
  })

  it('are not tried again by an engine that stood down while a try was under way', async () => {
    pager.refuse = 1
    begin([webhook()])
    const one = alarm()
    notifier.told(one, 'announced', 0)
    notifier.stop()
    await until('the refusal', 20_000, () => (states(one.id)[0] === 'waiting' ? true : undefined))
    const timers = clock.pending()
    clock.advance(RETRY_MS[0])
    expect([timers, pager.heard.length]).toEqual([0, 0])
  })

  it('go without a word while it is not known whether this engine judges, and hear it afterwards', async () => {
    let may = false
    begin([webhook()], () => may)
    const one = alarm()
    notifier.told(one, 'announced', 0)
    clock.advance(2_000)
    expect([pager.heard.length, notifier.deliveries(one.id)]).toEqual([0, []])
    may = true
    clock.advance(1_000)
    await until('the pager', 20_000, () => pager.heard[0])
    await until('the receipt', 20_000, () => (states(one.id)[0] === 'delivered' ? true : undefined))
  })

  it('are told again when what they answered for gets worse or more urgent, and not at each step down before they did', async () => {
    begin([webhook()])
    const one = alarm({ priority: 'medium' })
    const say = (more: Partial<Alarm>, what: StepKind) => {
      notifier.told({ ...one, ...more }, what, 0)
      clock.advance(10_000)
    }
    say({}, 'announced')
    say({ version: 2, sentence: 'SpO2 82 %' }, 'worsened')
    say({ version: 3, priority: 'high', sentence: 'more urgent' }, 'worsened')
    say({ version: 3, priority: 'high', state: 'acknowledged' }, 'acknowledged')
    say({ version: 4, priority: 'high', sentence: 'worse than what was answered' }, 'worsened')
    await until('three notices', 20_000, () => (pager.heard.length === 3 ? true : undefined))
    expect(pager.heard.map(({ body }) => (JSON.parse(body) as { lines: string[] }).lines.join())).toEqual(expect.arrayContaining([
      expect.stringContaining('SpO2 84 %'), expect.stringContaining('more urgent'), expect.stringContaining('worse than what was answered'),
    ]))
  })

  it('are called once more when an answered alarm rings again where nobody hears', async () => {
    begin([webhook({ step: 'charge', name: 'charge nurse' })])
    const one = alarm()
    const nobodyHears = () => { clock.advance(10_000); notifier.sweep([one], {}) }
    nobodyHears()
    nobodyHears()
    notifier.told({ ...one, state: 'acknowledged' }, 'acknowledged', 0)
    notifier.told({ ...one, version: 2 }, 're_alarmed', 0)
    nobodyHears()
    await until('both calls', 20_000, () => (pager.heard.length === 2 ? true : undefined))
  })

  it('are told step by step', async () => {
    begin([webhook({ step: 'next', name: 'second nurse' }), webhook({ step: 'charge', name: 'charge nurse' })])
    const one = alarm()
    notifier.told(one, 'announced', 0)
    notifier.told(one, 'escalated', 1)
    await until('the second nurse', 20_000, () => pager.heard[0])
    notifier.told(one, 'escalated', 2)
    await until('the charge nurse', 20_000, () => (notifier.deliveries(one.id).length === 2 ? true : undefined))
    expect(notifier.deliveries(one.id).map(({ recipient }) => recipient)).toEqual(['second nurse', 'charge nurse'])
  })
})
