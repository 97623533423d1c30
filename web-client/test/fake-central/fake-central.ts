import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Rollout } from '@vigil/contract/api/rollouts'
import type { PathHealth } from '@vigil/contract/api/path-health'
import type { Hl7Codes } from '@vigil/contract/api/hl7-codes'
import type { ExportJob } from '@vigil/contract/api/exports'
import type { AdmissionProposal } from '@vigil/contract/api/admissions'
import type { CommandRecord, CommandState, Completeness } from '@vigil/contract/api/devices'
import type { Demo, DemoContents } from '@vigil/contract/api/demo'
import type { LiveFrame, LiveRequest } from '@vigil/contract/api/live'
import type { LatestValue } from '@vigil/contract/api/schema'
import type { Clock, Stop } from '@vigil/contract/clock'
import { WebSocketServer, type WebSocket } from 'ws'
import { accounts } from './people.ts'
import { FakeAlarms } from './alarms.ts'
import type { FakeFirmware } from './firmware.ts'
import { FakeNotes } from './notes.ts'
import type { FakePhones } from './phones.ts'
import { firstProfiles, type FakeProfiles } from './profiles.ts'
import { Refusal } from './refusal.ts'
import { routes } from './routes.ts'
import { readJson, serveFile } from './files-and-bodies.ts'
import { bedOf, measured, wardOf, worldOf, type FakeWorld, type Mode } from './ward.ts'
import { waveFrame } from './waves.ts'

type Untimed<F> = F extends { serverTimeMs: number } ? Omit<F, 'serverTimeMs'> : never

export interface FakeCentralOptions {
  readonly clock: Clock
  readonly beds?: number
  readonly mode?: Mode
  readonly empty?: readonly number[]
  readonly alone?: readonly number[]
  /** Folder of the built app to serve beside the API. */
  readonly dist?: string
  /** A free one when absent. */
  readonly port?: number
}

/** A central station that speaks the contract over real HTTP and WebSocket, and does only what it is told. */
export class FakeCentral {
  readonly clock: Clock
  readonly world: FakeWorld
  readonly alarms: FakeAlarms
  durable: 'ok' | 'away' = 'ok'
  readonly notes: FakeNotes
  /** Own codes by the device that is their source. */
  readonly codes = new Map<string, Hl7Codes>()
  /** Changes by rings, newest first. */
  readonly rollouts: Rollout[] = []
  /** Completeness by day, of every device. */
  days: Completeness['days'] = [{ day: '2026-07-13', expected: 0, received: 0, missing: 0, lost: 0 }, { day: '2026-07-14', expected: 17_280, received: 17_280, missing: 0, lost: 0 }]
  /** Newest first. */
  readonly exports: ExportJob[] = []
  readonly firmware: FakeFirmware = new Map()
  readonly profiles: FakeProfiles = firstProfiles()
  readonly phones: FakePhones = { sources: [], imports: [] }
  /** Courses a test sets, by bed and signal. */
  readonly trends = new Map<string, (number | null)[]>()
  /** What the hospital proposes. */
  readonly proposals: AdmissionProposal[] = []
  /** How broker, storage and database are; all well unless a test says so. */
  path: Pick<PathHealth, 'broker' | 'storing' | 'database'> = {
    broker: { state: 'ok' }, storing: { state: 'ok', storedMsAgo: 2_000 },
    database: { state: 'ok', sizeBytes: 4.21e9, growthBytesPerDay: 310e6, disk: { freeBytes: 81e9, totalBytes: 240e9 }, daysLeft: 261 },
  }
  /** What the demo ward can play; nothing unless a test says so. */
  readonly demo: Demo & { contents: DemoContents; removalTakesLong?: boolean } = { boards: [], runs: [], contents: { patients: 0, devices: 0, wards: 0, kept: 0 } }
  /** Answers nothing and sends nothing, connections stay open: a process that was stopped. */
  frozen = false
  /** Share of what is said that is lost on the way to the screens. */
  loss = 0
  #said = 0
  /** Requests answered so far, `GET /wards`. */
  readonly requests: string[] = []
  /** Refusal for a request line, as long as it stands here. */
  readonly refusals = new Map<string, Refusal>()
  readonly watches: LiveRequest[] = []
  readonly #sockets = new Map<WebSocket, { wards: readonly string[]; devices: readonly string[]; waves: readonly string[] }>()
  readonly #sessions = new Map<string, string>()
  readonly #server: Server
  readonly #wss = new WebSocketServer({ noServer: true })
  readonly #dist: string | undefined
  readonly #port: number
  #nextSession = 1
  #stopRunning: Stop = () => undefined

  constructor({ clock, beds = 12, mode = 'demo', dist, empty, alone, port = 0 }: FakeCentralOptions) {
    this.clock = clock
    this.notes = new FakeNotes(() => clock.now())
    this.#dist = dist
    this.#port = port
    this.world = worldOf({ nowMs: clock.now(), count: beds, mode, ...(empty && { empty }), ...(alone && { alone }) })
    this.alarms = new FakeAlarms(this)
    this.measure()
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.frozen || this.#userOf(request) === undefined) socket.destroy()
      else this.#wss.handleUpgrade(request, socket, head, (ws) => this.#join(ws))
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((ready) => this.#server.listen(this.#port, '127.0.0.1', ready))
    return this.origin
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#stopRunning()
    this.dropConnections()
    this.#server.closeAllConnections()
    await new Promise<void>((done) => this.#server.close(() => done()))
  }

  /** A second of ward life at a time, until closed. */
  run(): void {
    this.#stopRunning = this.clock.every(1_000, () => this.tick())
  }

  /** Every device that is not silent measures once; what it measured goes to the screens. */
  tick(): void {
    if (this.frozen) return
    this.measure()
    const devices = [...this.world.devices.values()].filter((f) => !f.silent).map((f) => ({ device: f.device.id, status: f.device.status, intervalMs: f.device.intervalMs, values: f.latest }))
    for (const [ws, wants] of this.#sockets) {
      const beds = this.world.wards.filter((w) => wants.wards.includes(w.id)).flatMap((w) => w.beds.flatMap((b) => (b.stay?.deviceId ? [b.stay.deviceId] : [])))
      const wanted = new Set([...beds, ...wants.devices])
      this.#send(ws, { type: 'values', devices: devices.filter((d) => wanted.has(d.device)) })
      for (const device of wants.waves) this.#sendWaves(ws, device)
    }
    this.heartbeat()
  }

  heartbeat(): void {
    for (const ws of this.#sockets.keys()) this.#send(ws, { type: 'heartbeat', durable: this.durable })
  }

  measure(): void {
    const nowMs = this.clock.now()
    ;[...this.world.devices.values()].forEach((fake, n) => {
      if (fake.silent) return
      for (const [signal, v] of Object.entries(measured(n, nowMs))) {
        if (!this.#scripted.has(`${fake.device.id}/${signal}`)) fake.latest[signal] = { v, t: nowMs, sq: 92 }
      }
      for (const [key, value] of this.#scripted) {
        const [device, signal = ''] = key.split('/')
        if (device === fake.device.id) fake.latest[signal] = { ...value, t: value.t || nowMs }
      }
      fake.device.lastSeen = new Date(nowMs).toISOString()
    })
  }

  readonly #scripted = new Map<string, LatestValue>()
  /** From now on this device says this of a signal; `t` 0 means measured anew each time. */
  script(device: string, signal: string, value: LatestValue): void {
    this.#scripted.set(`${device}/${signal}`, value)
    this.measure()
  }

  /** A device falls silent. */
  silence(device: string, status: 'lost' | 'late' | 'sleeping' = 'lost'): void {
    const fake = this.world.devices.get(device)
    if (!fake) return
    fake.silent = true
    fake.device.status = status
    if (fake.device.stay?.bedId) this.tellBed(fake.device.stay.bedId)
  }

  tellBed(bedId: string): void {
    for (const ward of this.world.wards) {
      const bed = ward.beds.find((b) => b.id === bedId)
      if (bed) this.tell({ type: 'bed', wardId: ward.id, bed: bedOf(this, bed) })
    }
  }

  /** To every screen, or to those that watch a ward. */
  tell(frame: Untimed<LiveFrame>, wardId?: string): void {
    for (const [ws, { wards }] of this.#sockets) if (wardId === undefined || wards.includes(wardId)) this.#send(ws, frame)
  }

  tellStay(stayId: string): void {
    this.tellBed(this.world.stays.get(stayId)?.bedId ?? '')
  }

  tellCommand(command: CommandRecord): void {
    this.tell({ type: 'command', command })
  }

  /** The device's next word about its newest command. */
  moveCommand(device: string, state: CommandState, more: Partial<CommandRecord> = {}): void {
    const record = this.world.devices.get(device)?.commands[0]
    if (!record) return
    Object.assign(record, { state, updatedAt: new Date(this.clock.now()).toISOString(), ...more })
    this.tellCommand({ ...record })
  }

  dropConnections(): void {
    for (const ws of this.#sockets.keys()) ws.terminate()
    this.#sockets.clear()
  }

  expireSessions(): void {
    this.#sessions.clear()
  }

  #sendWaves(ws: WebSocket, device: string): void {
    const fake = this.world.devices.get(device)
    if (!fake || fake.silent) return
    const startMs = Math.floor(this.clock.now() / 1_000) * 1_000 - 1_000
    ws.send(waveFrame(device, 'pleth_ir', startMs, fake.latest['pr']?.v ?? 72))
    ws.send(waveFrame(device, 'paw', startMs, fake.latest['rr']?.v ?? 14))
  }

  #send(ws: WebSocket, frame: Untimed<LiveFrame>): void {
    // Every so many is lost, the same at each run: 30 % means three of ten.
    this.#said = (this.#said + 7) % 10
    if (!this.frozen && this.#said >= this.loss * 10) ws.send(JSON.stringify({ ...frame, serverTimeMs: this.clock.now() }))
  }

  #join(ws: WebSocket): void {
    this.#sockets.set(ws, { wards: [], devices: [], waves: [] })
    ws.on('close', () => this.#sockets.delete(ws))
    ws.on('message', (data: Buffer) => {
      const request = JSON.parse(data.toString()) as LiveRequest
      this.watches.push(request)
      if (request.type !== 'watch') return this.#armed(ws, request)
      const { wards = [], devices = [], waves = [] } = request
      this.#sockets.set(ws, { wards, devices, waves })
      for (const ward of this.world.wards) if (wards.includes(ward.id)) this.#send(ws, { type: 'ward', ward: wardOf(this, ward) })
      const asked = [...this.world.devices.values()].filter((f) => devices.includes(f.device.id))
      if (asked.length > 0) this.#send(ws, { type: 'values', devices: asked.map((f) => ({ device: f.device.id, status: f.device.status, intervalMs: f.device.intervalMs, values: f.latest })) })
    })
    this.#send(ws, { type: 'hello', durable: this.durable })
  }

  #armed(ws: WebSocket, request: Exclude<LiveRequest, { type: 'watch' }>): void {
    if (request.type === 'arm') this.alarms.armed = { wards: request.wards, audible: true }
    if (request.type === 'armed' && this.alarms.armed) this.alarms.armed.audible = request.audible
    if (request.type === 'disarm') this.alarms.armed = undefined
    if (request.type === 'arm' || request.type === 'disarm') this.#send(ws, { type: 'armed', armed: this.alarms.armed !== undefined, wards: [...(this.alarms.armed?.wards ?? [])] })
  }

  #userOf(request: IncomingMessage): string | undefined {
    return this.#sessions.get(/vigil=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.frozen) return
    const url = new URL(request.url ?? '/', this.origin)
    if (!url.pathname.startsWith('/api/v1/')) return serveFile(this.#dist ?? '', url.pathname, response)
    const path = url.pathname.slice('/api/v1'.length)
    this.requests.push(`${request.method} ${path}`)
    try {
      const body = await readJson(request)
      const answer = path === '/session' ? this.#session(request, response, body) : this.#route(request, path, url, body)
      response.writeHead(answer === undefined ? 204 : 200, { 'content-type': 'application/json' }).end(answer === undefined ? undefined : JSON.stringify(answer))
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal('INTERNAL', String(error))
      response.writeHead(refusal.status, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify(refusal.problem))
    }
  }

  #session(request: IncomingMessage, response: ServerResponse, body: unknown): unknown {
    if (request.method === 'DELETE') {
      this.#sessions.clear()
      return undefined
    }
    const { username = '', password = '' } = body as { username?: string; password?: string }
    const account = accounts[username]
    if (account?.password !== password) throw new Refusal('SIGN_IN_REFUSED', 'User name or password is not right')
    response.setHeader('set-cookie', `vigil=${this.openSession(username)}; Path=/; HttpOnly; SameSite=Strict`)
    return account.info
  }

  /** What the cookie of somebody signed in says. */
  openSession(username: string): string {
    const id = `s${this.#nextSession++}`
    this.#sessions.set(id, username)
    return id
  }

  #route(request: IncomingMessage, path: string, url: URL, body: unknown): unknown {
    const user = this.#userOf(request)
    if (user === undefined) throw new Refusal('UNAUTHENTICATED', 'Sign in first')
    const planned = this.refusals.get(`${request.method} ${path}`)
    if (planned) throw planned
    for (const [method, pattern, right, handle] of routes) {
      const params = new RegExp(`^${pattern.replaceAll('*', '([^/]+)')}$`).exec(path)?.slice(1).map(decodeURIComponent)
      if (method !== request.method || !params) continue
      if (right && !accounts[user]?.info.rights.includes(right)) throw new Refusal('FORBIDDEN', 'Your role may not do this')
      return handle(this, { params, url, body, user })
    }
    throw new Refusal('NOT_FOUND', `No call ${request.method} ${path}`)
  }
}
