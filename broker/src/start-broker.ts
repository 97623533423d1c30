import { assertSafeBind, isLoopback, type HealthFact, type Log, type ServiceName } from '@vigil/program'
import { AppError, type Clock, ROOT } from '@vigil/contract'
import { alinkUserName } from '@vigil/contract/alink/index'
import type { Registry } from 'prom-client'
import { createGuardedBroker, type GuardedBroker } from './aedes/guarded-broker.ts'
import { type AlinkAdapter, createAlinkAdapter } from './alink/alink-adapter.ts'
import type { Voice } from './voice.ts'
import { createBrokerMetrics } from './broker-metrics.ts'
import { createAdmission } from './guard/admission.ts'
import { createWardHouse } from './house/ward-house.ts'
import { createPhoneDoor } from './phone/phone-door.ts'
import { createLockout } from './identity/lockout.ts'
import type { Verifiers } from './identity/verifiers.ts'
import { type BrokerLimits, defaultLimits } from './limits.ts'
import type { Listener, ListenOptions, TlsMaterial } from './listen/listener.ts'
import { listenAlink, listenTcp, listenTls } from './listen/tcp.ts'
import { listenWebSocket } from './listen/websocket.ts'
import { createCommittedAcks, fastAcks } from './puback/committed-acks.ts'
import { createRefusals } from './refusals.ts'
import { createSessions, type ListenerName } from './session.ts'
import { startSweep } from './sweep.ts'

export interface BrokerOptions {
  /** Port per listener; 0 takes a free one, a listener that is left out does not open. */
  readonly ports: Partial<Readonly<Record<ListenerName, number>>>
  /** Who may call at the door for devices that speak Alink, which has no TLS: only this machine unless told. */
  readonly alinkAllowed?: (address: string) => boolean
  /** Address for what is encrypted; default 127.0.0.1. Plain listeners stay on loopback. */
  readonly bind?: string
  /** Address for what is not encrypted; anything but loopback refuses to start. */
  readonly plainBind?: string
  /** Certificate and key; needed for `mqtts`, and for `ws` beyond loopback. */
  readonly tls?: TlsMaterial
  readonly verifiers: Verifiers
  /** Key of the HMAC that device secrets are stored under. */
  readonly pepper: Buffer
  /** Passwords of our own programs, by user name. */
  readonly services: Readonly<Record<ServiceName, string>>
  readonly metrics: Registry
  readonly log: Log
  readonly clock: Clock
  /** `committed` holds the PUBACK of boards that know no receipts until the receipt has passed; default `fast`. */
  readonly puback?: 'committed' | 'fast'
  readonly limits?: Partial<BrokerLimits>
}

export interface RunningBroker {
  readonly ports: Partial<Readonly<Record<ListenerName, number>>>
  /** Facts for the health page. */
  readonly health: () => readonly HealthFact[]
  readonly stop: () => Promise<void>
}

const LOOPBACK = '127.0.0.1'

/**
 * Starts the broker on the given ports.
 * @throws AppError UNSAFE_BIND, PORT_TAKEN, START_FAILED.
 */
export async function startBroker(options: BrokerOptions): Promise<RunningBroker> {
  const { verifiers, clock, log, metrics: registry, pepper, services } = options
  const limits: BrokerLimits = { ...defaultLimits, ...options.limits }
  const refusals = createRefusals({ metrics: registry, log, clock })
  const admission = createAdmission({ limits, refusals, clock })
  const sessions = createSessions(refusals)
  const acks = options.puback === 'committed' ? createCommittedAcks({ limits, clock, isHeard: () => sessions.has('bridge'), sayAgain: (topic, payload) => broker.sayAgain(topic, payload) }) : fastAcks
  const metrics = createBrokerMetrics(registry, {
    sessions: sessions.signedIn,
    unsigned: admission.unsigned,
    unreceipted: acks.waiting,
    awayBytes: () => house.room.bytes(),
    verifiers: verifiers.facts,
  })
  const lockout = createLockout(clock, limits)
  const stopForgiving = verifiers.onChange((device) => {
    lockout.forget(device)
    const { alink: known } = verifiers.peek(device) ?? {}
    if (known) lockout.forget(alinkUserName(known))
  })
  const signIn = { verifiers, services, pepper, clock, lockout }
  const voice: Voice = { publish: (...said) => broker.publish(...said), deliver: (...said) => broker.deliver(...said), sayAgain: (...said) => broker.sayAgain(...said) }
  const alink = createAlinkAdapter({ sessions, voice, limits, metrics: registry, clock, isHeard: () => sessions.has('bridge') })
  const phones = createPhoneDoor({ sessions, voice, limits, metrics: registry, clock })
  const house = createWardHouse({ sessions, limits, refusals, clock, log, metrics, acks, alink, phones, signIn })
  const broker = await createGuardedBroker({ sessions, house, connectTimeoutMs: limits.connectTimeoutMs, clock, log })
  // Whoever is registered under the same name later must not find the configuration of the one before.
  const stopSweep = startSweep({ sessions, verifiers, clock, forget: (device) => forgetDevice(device, broker, alink) })
  const listeners = new Map<ListenerName, Listener>()

  const stop = async () => {
    const closing = [...listeners.values()].map((listener) => listener.stop())
    stopSweep()
    stopForgiving()
    acks.stop()
    alink.stop()
    phones.stop()
    await broker.close()
    admission.closeAll()
    await Promise.all(closing)
  }
  try {
    await openListeners(options, { admission, refusals, limits, welcome: broker.welcome }, listeners)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ports: Object.fromEntries([...listeners].map(([name, { port }]) => [name, port])),
    health: () => [{ name: 'listeners', ok: true, detail: [...listeners.keys()].join(', ') }, registryFact(verifiers)],
    stop,
  }
}

function forgetDevice(device: string, broker: GuardedBroker, alink: AlinkAdapter): void {
  broker.forget(device, `${ROOT}/+/${device}/#`)
  alink.forget(device)
}

async function openListeners(options: BrokerOptions, base: Omit<ListenOptions, 'port' | 'bind'>, opened: Map<ListenerName, Listener>): Promise<void> {
  const { ports, tls, bind = LOOPBACK, plainBind = LOOPBACK, alinkAllowed = isLoopback } = options
  if (ports.mqtt !== undefined) {
    assertSafeBind({ bind: plainBind, tls: false, signIn: true, what: 'The plain MQTT listener' })
    opened.set('mqtt', await listenTcp({ ...base, port: ports.mqtt, bind: plainBind }))
  }
  if (ports.alink !== undefined) opened.set('alink', await listenAlink({ ...base, port: ports.alink, bind, isAllowed: alinkAllowed }))
  if (ports.mqtts !== undefined) opened.set('mqtts', await listenTls({ ...base, port: ports.mqtts, bind, tls: needed(tls) }))
  if (ports.ws !== undefined) {
    const encrypted = isLoopback(bind) ? {} : { tls: needed(tls) }
    opened.set('ws', await listenWebSocket({ ...base, port: ports.ws, bind, ...encrypted }))
  }
}

function needed(tls: TlsMaterial | undefined): TlsMaterial {
  if (tls) return tls
  throw new AppError('UNSAFE_BIND', 'The broker has no certificate for this listener. Set VIGIL_TLS_CERT and VIGIL_TLS_KEY, or leave VIGIL_BIND at 127.0.0.1.')
}

/** Without the registry, devices we remember still connect: the ward goes on, and the health page says what is missing. */
function registryFact(verifiers: Verifiers): HealthFact {
  const { link, cached } = verifiers.facts()
  return { name: 'registry', ok: link || cached > 0, detail: link ? `${cached} devices` : `database away, ${cached} devices remembered` }
}
