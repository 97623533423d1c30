import { createHash, timingSafeEqual } from 'node:crypto'
import { BAD_CREDENTIALS, Refusal, UNAVAILABLE } from '../refusals.ts'
import type { SignedIn } from './signed-in.ts'
import type { Verifiers } from './verifiers.ts'

/** No device id has the dot in it, so a phone is never taken for a device. */
const USER_NAME = /^phone\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** The phone with this user name: `phone.{id}`. */
export function readPhoneUserName(userName: string): string | undefined {
  return USER_NAME.exec(userName)?.[1]
}

/** A person's phone: its password is the token that the HTTP door takes. */
export async function signInPhone(verifiers: Pick<Verifiers, 'findPhone'>, phone: string, password: Buffer): Promise<SignedIn | Refusal> {
  let known: Buffer | undefined
  try {
    known = await verifiers.findPhone(phone)
  } catch {
    return new Refusal('registry_away', UNAVAILABLE)
  }
  const given = createHash('sha256').update(password).digest()
  // An unknown phone takes as long as a wrong token.
  const fits = timingSafeEqual(given, known?.length === given.length ? known : Buffer.alloc(given.length))
  return known && fits ? { identity: { role: 'phone', phone } } : new Refusal('credentials', BAD_CREDENTIALS)
}
