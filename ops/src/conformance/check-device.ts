import { randomBytes } from 'node:crypto'
import { connectAsync, type MqttClient } from 'mqtt'
import { AppError } from '@vigil/contract/errors'
import type { Clock } from '@vigil/contract/clock'
import { type DeviceAddress, topicOf, upChannels } from '@vigil/contract/topics'
import { createLedger, type Verdict } from './clauses.ts'
import { createObserver } from './observer.ts'
import { createStimuli, type StimulusName } from './stimuli.ts'

/** A sign-in at the broker. Our own lets `central` hear devices and ask them, and `bridge` send receipts. */
export interface BrokerSignIn {
  readonly username?: string | undefined
  readonly password?: string | undefined
}

export interface CheckDeviceOptions extends BrokerSignIn {
  readonly url: string
  readonly ca?: string | undefined
  /** Who may send receipts; only for a rewind. */
  readonly receipts?: BrokerSignIn | undefined
  readonly address: DeviceAddress
  readonly seconds: number
  readonly stimuli: readonly StimulusName[]
  readonly clock: Clock
  readonly tell: (line: string) => void
}

const LOOK_EVERY_MS = 50
const NO_BIRTH_MS = 15_000
const KEPT_MS = 500
/** The server's time comes every 10 s; a board without a clock of its own needs one or two. */
const TIME_MS = 30_000

/** Watches one device for a while, asks of it what was chosen, and judges clause by clause. */
export async function checkDevice(options: CheckDeviceOptions): Promise<readonly Verdict[]> {
  const { address, clock, seconds, stimuli: chosen, tell } = options
  const ledger = createLedger()
  const observer = createObserver(address, ledger)
  const watcher = await signIn(options, options)
  const sender = chosen.includes('rewind') ? await signIn(options, options.receipts ?? options) : watcher
  const stimuli = createStimuli({
    ledger,
    observer,
    send: (channel, value) => void (channel === 'receipt' ? sender : watcher).publish(topicOf(address, channel), JSON.stringify(value), { qos: 1, retain: channel === 'config/desired' }),
    newId: () => uuidV7(clock.now()),
    now: () => clock.now(),
    until: (look, withinMs) => until(clock, look, withinMs),
  })
  watcher.on('message', (topic, payload, packet) => {
    observer.see({ topic, payload, qos: packet.qos, retain: packet.retain, atMs: clock.now() })
    if (topic === topicOf(address, 'command/reply')) stimuli.replied(payload.toString('utf8'))
  })
  try {
    const filters = [...upChannels, 'wave/+'].map((channel) => `vitals/1/${address.site}/${address.device}/${channel}`)
    await watcher.subscribeAsync(filters, { qos: 1 })
    const endsAt = clock.monotonic() + 1_000 * seconds
    if (!(await until(clock, () => observer.birth(), NO_BIRTH_MS))) ledger.broken('birth', 'there is no birth message, kept or new; is the device switched on?')
    for (const name of chosen) {
      // What was measured meanwhile is what a rewind asks for.
      if (name === 'rewind') await until(clock, () => (observer.highest() > 5 ? true : undefined), 1_000 * seconds)
      if (name === 'command') await until(clock, () => (observer.knowsTime() ? true : undefined), TIME_MS)
      tell(`Asking the device: ${name}`)
      await stimuli.run(name)
    }
    await until(clock, () => undefined, endsAt - clock.monotonic())
    // Who subscribes again is told what the broker keeps: a live message never says whether it is.
    await watcher.subscribeAsync(filters, { qos: 1 })
    await until(clock, () => undefined, KEPT_MS)
    observer.settle(clock.now())
    return ledger.verdicts()
  } finally {
    await watcher.endAsync(true)
    if (sender !== watcher) await sender.endAsync(true)
  }
}

async function signIn({ url, ca }: CheckDeviceOptions, { username, password }: BrokerSignIn): Promise<MqttClient> {
  try {
    const account = { ...(username !== undefined && { username }), ...(password !== undefined && { password }), ...(ca !== undefined && { ca }) }
    return await connectAsync(url, { ...account, clientId: `conformance-${randomBytes(4).toString('hex')}`, clean: true, reconnectPeriod: 0, protocolVersion: 4 }, false)
  } catch (cause) {
    throw new AppError('BROKER_AWAY', `The broker at ${url} does not let this program in: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

function until<T>(clock: Clock, look: () => T | undefined, withinMs: number): Promise<T | undefined> {
  const endsAt = clock.monotonic() + withinMs
  return new Promise((resolve) => {
    const step = (): void => {
      const found = look()
      if (found !== undefined || clock.monotonic() >= endsAt) resolve(found)
      else clock.after(LOOK_EVERY_MS, step)
    }
    step()
  })
}

/** RFC 9562, version 7: 48 bits of time, the rest random. */
function uuidV7(nowMs: number): string {
  const hex = nowMs.toString(16).padStart(12, '0') + randomBytes(10).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
