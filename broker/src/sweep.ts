import type { Clock, Stop } from '@vigil/contract'
import { lostWill } from './aedes/connect.ts'
import { type AlinkVerifier, isStill, type Verifiers } from './identity/verifiers.ts'
import type { AlinkIdentity } from './rights/rights.ts'
import { deviceOf, type Session, type Sessions } from './session.ts'

/** How often every session is held against the registry, for rights that end by themselves, such as a rotated secret's last hour. */
const SWEEP_EVERY_MS = 1_000

export interface SweepOptions {
  readonly sessions: Sessions
  readonly verifiers: Verifiers
  readonly clock: Clock
  /** Told of a device that is retired or gone, to forget what is kept for it. */
  readonly forget: (device: string) => void
}

/** Ends the sessions of a device at once when its secret is rotated out, its site changes, or it is retired or deleted. */
export function startSweep({ sessions, verifiers, clock, forget }: SweepOptions): Stop {
  const check = (session: Session) => {
    const { signedIn } = session
    if (signedIn?.identity.role !== 'device' || mayStay(session, verifiers, clock)) return
    // The last word on presence is ours: what someone with a revoked secret prepared is not said. Of a deleted device it is not kept.
    const { device } = signedIn.identity
    if (session.client.will) session.client.will = { ...lostWill(signedIn.identity), retain: verifiers.peek(device) !== undefined }
    sessions.refuse(session, 'revoked')
  }
  const stopListening = verifiers.onChange((device) => {
    for (const session of sessions.ofDevice(device)) check(session)
    if (verifiers.peek(device)?.retired ?? true) forget(device)
  })
  const stopSweeping = clock.every(SWEEP_EVERY_MS, () => {
    for (const session of sessions.signedIn()) check(session)
  })
  return () => {
    stopListening()
    stopSweeping()
  }
}

function mayStay(session: Session, verifiers: Verifiers, clock: Clock): boolean {
  const device = deviceOf(session)
  const verifier = device === undefined ? undefined : verifiers.peek(device)
  const { identity, mac = '', sealed } = session.signedIn ?? {}
  if (!verifier || verifier.retired || identity?.role !== 'device') return false
  if (verifier.site !== identity.site) return false
  return sealed === undefined ? isStill(verifier, mac, clock.now()) : isSame(verifier.alink, identity.alink, sealed)
}

/** What it may do and how it signs as it was when it came in; otherwise it comes in anew. */
function isSame(now: AlinkVerifier | undefined, then: AlinkIdentity | undefined, sealed: string): boolean {
  if (!now || !then) return false
  const said = ({ productKey, deviceName, services, settings }: AlinkIdentity) => [productKey, deviceName, ...services, '', ...settings].join(' ')
  return now.sealed === sealed && said(now) === said(then)
}
