import { createSecretKey } from 'node:crypto'
import type { Clock } from '@vigil/contract'
import type { ServiceName } from '@vigil/program'
import { BAD_CREDENTIALS, NOT_AUTHORISED, Refusal, type RefusalReason, UNAVAILABLE } from '../refusals.ts'
import { createAlinkSignIn } from './alink-sign-in.ts'
import type { Lockout } from './lockout.ts'
import { readPhoneUserName, signInPhone } from './phone-sign-in.ts'
import { sameText } from './same-text.ts'
import type { SignedIn } from './signed-in.ts'
import { accepts, macOf, type Verifier, type Verifiers } from './verifiers.ts'

export interface Credentials {
  readonly username: string
  readonly password: Buffer
  /** As the client wrote it: devices that speak Alink say in it how they sign. */
  readonly clientId: string
  /** Where the client calls from. */
  readonly address: string
}

export interface SignInOptions {
  readonly verifiers: Verifiers
  readonly services: Readonly<Record<ServiceName, string>>
  readonly pepper: Buffer
  readonly lockout: Lockout
  readonly clock: Clock
}

/**
 * Who calls, from user name and password alone.
 * @throws Refusal with the CONNACK code; an unknown device and a wrong secret sound the same.
 */
export function createSignIn({ verifiers, services, pepper, lockout, clock }: SignInOptions): (credentials: Credentials) => Promise<SignedIn> {
  const alink = createAlinkSignIn({ verifiers, pepper })
  const key = createSecretKey(pepper)

  return async ({ username, password, clientId, address }) => {
    if (lockout.waitMs(username, address) > 0) throw new Refusal('locked_out', UNAVAILABLE)
    const signedIn = await anybody({ username, password, clientId, address })
    if (!(signedIn instanceof Refusal)) {
      lockout.succeeded(username, address)
      return signedIn
    }
    if (signedIn.reason !== 'registry_away') lockout.failed(username, address)
    throw signedIn
  }

  function anybody({ username, password, clientId }: Credentials): SignedIn | Refusal | Promise<SignedIn | Refusal> {
    if (isService(username)) return service(username, password)
    if (username.includes('&')) return alink(username, clientId, password)
    const phone = readPhoneUserName(username)
    return phone === undefined ? device(username, password) : signInPhone(verifiers, phone, password)
  }

  function service(name: ServiceName, password: Buffer): SignedIn | Refusal {
    return sameText(password, services[name]) ? { identity: { role: name } } : refused('credentials', BAD_CREDENTIALS)
  }

  async function device(id: string, password: Buffer): Promise<SignedIn | Refusal> {
    const mac = macOf(key, password)
    let verifier: Verifier | undefined
    try {
      verifier = await verifiers.find(id)
    } catch {
      return refused('registry_away', UNAVAILABLE)
    }
    if (!verifier || !accepts(verifier, mac, clock.now())) {
      // The secret may have been rotated, or the device registered anew, this very moment.
      verifier = await verifiers.recheck(id).catch(() => verifier)
    }
    if (!verifier || !accepts(verifier, mac, clock.now())) return refused('credentials', BAD_CREDENTIALS)
    if (verifier.retired) return refused('retired', NOT_AUTHORISED)
    return { identity: { role: 'device', site: verifier.site, device: id }, mac }
  }

  function isService(username: string): username is ServiceName {
    return Object.hasOwn(services, username)
  }
}

function refused(reason: RefusalReason, returnCode: number): Refusal {
  return new Refusal(reason, returnCode)
}
