import type { AedesOptions, Client, ConnectPacket } from 'aedes'
import { isName } from '@vigil/contract'
import { readAlinkUserName } from '@vigil/contract/alink/index'
import type { Log } from '@vigil/program'
import type { BrokerMetrics } from '../broker-metrics.ts'
import { createSignIn, type SignInOptions } from '../identity/sign-in.ts'
import type { SignedIn } from '../identity/signed-in.ts'
import type { BrokerLimits } from '../limits.ts'
import { encodeConnack } from '../protocol/encode.ts'
import { Refusal, type Refusals, UNAVAILABLE } from '../refusals.ts'
import { deviceOf, factsOf, phoneOf, type Session, type Sessions } from '../session.ts'
import { changeWill } from './internals.ts'
import { checkConnect, isKept, willOf } from './connect.ts'

export interface DoorOptions {
  readonly sessions: Sessions
  readonly services: ReadonlySet<string>
  readonly limits: BrokerLimits
  readonly refusals: Refusals
  readonly metrics: BrokerMetrics
  readonly log: Log
  readonly signIn: SignInOptions
}

type Door = Pick<Required<AedesOptions>, 'preConnect' | 'authenticate'>

/** CONNECT, from the first look at the packet to a session with rights. */
export function createDoor({ sessions, services, limits, refusals, metrics, log, signIn }: DoorOptions): Door {
  const check = createSignIn(signIn)

  return {
    preConnect(client, packet, done) {
      const session = sessions.of(client)
      if (!session) return done(new Refusal('protocol_order'), false)
      try {
        const { username, clientId, name } = checkConnect(packet, services, limits)
        if (session.peer.listener === 'alink' && !readAlinkUserName(username)) throw new Refusal('alink_only')
        session.username = username
        session.clientId = clientId
        session.name = name
        // Aedes knows the session under its inner name from here on; the client never sees it.
        packet.clientId = name.id
        if (!isKept(name, services)) packet.clean = true
        done(null, true)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        session.refused = error.reason
        refusals.note(error.reason, { ...factsOf(session), ...factsOfConnect(packet) })
        sayNo(client, error, () => done(error, false))
      }
    },
    authenticate(client, username = '', password = Buffer.alloc(0), answer) {
      const session = sessions.of(client)
      if (!session) return answer(new Refusal('protocol_order'), false)
      const credentials = { username, password, clientId: session.clientId ?? '', address: session.peer.address }
      check(credentials).then((signedIn) => isGone(session) || enter(session, signedIn)).then(
        () => answer(null, true),
        (error: unknown) => answer(turnAway(session, error), false),
      )
    },
  }

  function turnAway(session: Session, error: unknown): Refusal {
    const refusal = error instanceof Refusal ? error : new Refusal('registry_away', UNAVAILABLE)
    if (refusal !== error) log.error({ err: error }, 'broker.sign_in_failed')
    if (!session.refused) refusals.note(refusal.reason, factsOf(session))
    session.refused ??= refusal.reason
    return refusal
  }

  function enter(session: Session, signedIn: SignedIn): void {
    const { client, name } = session
    if (!name) throw new Refusal('protocol_order')
    const others = ofTheSame(signedIn)
    const taken = others.some((other) => other.name?.id === name.id)
    // It is back before it was missed.
    if (signedIn.sealed !== undefined) for (const other of others) other.client.will = null
    const secondary = others.filter((other) => other.name?.kind === 'secondary').length
    if (name.kind === 'secondary' && !taken && secondary >= limits.secondarySessions) throw new Refusal('secondary_sessions', UNAVAILABLE)
    changeWill(client, (asked) => willOf(signedIn.identity, name, asked))
    session.signedIn = signedIn
    sessions.enter(session)
    session.peer.signedIn()
    if (!taken) return
    metrics.takenOver()
    log.info({ ...factsOf(session), device: deviceOf(session) }, 'broker.session_taken_over')
  }

  function ofTheSame({ identity }: SignedIn): readonly Session[] {
    if (identity.role === 'phone') return [...sessions.signedIn()].filter((other) => phoneOf(other) === identity.phone)
    return identity.role === 'device' ? sessions.ofDevice(identity.device) : []
  }
}

/** Gone while we asked who it is: Aedes lets go of it by itself. */
function isGone({ client }: Session): boolean {
  return client.closed || client.conn.destroyed
}

/** A CONNACK with a code, then the end: MQTT 3.1.1 section 3.2. Aedes closes without a word before sign-in. */
function sayNo(client: Client, { returnCode }: Refusal, then: () => void): void {
  client.conn.end(encodeConnack(returnCode), () => then())
}

function factsOfConnect({ username, keepalive, protocolVersion, will }: ConnectPacket): Record<string, string | number | boolean | undefined> {
  // A user name that is no name may be anything, a password typed into the wrong field included.
  return { user: username !== undefined && (isName(username) || readAlinkUserName(username)) ? username : undefined, keepalive, protocolVersion, will: will?.topic.slice(0, 200) }
}
