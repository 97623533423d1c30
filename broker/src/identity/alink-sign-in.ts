import { createHmac } from 'node:crypto'
import { type AlinkClientId, alinkSignedText, readAlinkClientId } from '@vigil/contract/alink/index'
import { createSeal } from '@vigil/program'
import { BAD_CREDENTIALS, IDENTIFIER, NOT_AUTHORISED, Refusal, UNAVAILABLE } from '../refusals.ts'
import { sameText } from './same-text.ts'
import type { SignedIn } from './signed-in.ts'
import type { AlinkVerifier, KnownDevice, Verifiers } from './verifiers.ts'

/** Names of OpenSSL for theirs. */
const DIGESTS = { hmacsha256: 'sha256', hmacsha1: 'sha1', hmacmd5: 'md5' } as const

/**
 * Who calls, of devices made for Alibaba Cloud: user name `{deviceName}&{productKey}`, the client id says how it signs, and the password is
 * the hexadecimal HMAC of its parameters under its secret. The time among them is not held against a clock, as it is not there.
 */
export function createAlinkSignIn({ verifiers, pepper }: { verifiers: Verifiers; pepper: Buffer }): (userName: string, clientId: string, password: Buffer) => Promise<SignedIn | Refusal> {
  const seal = createSeal(pepper, 'alink')
  const fits = (alink: AlinkVerifier, asked: AlinkClientId, password: Buffer) => {
    const signature = createHmac(DIGESTS[asked.method], seal.open(Buffer.from(alink.sealed, 'base64'))).update(alinkSignedText(alink, asked)).digest('hex')
    // Some firmware writes its digits large.
    return sameText(password.toString('latin1').toLowerCase(), signature)
  }

  return async (userName, clientId, password) => {
    const asked = readAlinkClientId(clientId)
    if (!asked) return new Refusal('alink_client_id', IDENTIFIER)
    let found: KnownDevice | undefined
    try {
      found = await verifiers.findAlink(userName)
    } catch {
      return new Refusal('registry_away', UNAVAILABLE)
    }
    const isLet = (known: KnownDevice | undefined) => known?.verifier.alink !== undefined && fits(known.verifier.alink, asked, password)
    // Its secret may have been changed this very moment.
    if (!isLet(found)) found = await verifiers.findAlink(userName, true).catch(() => found)
    if (!found?.verifier.alink || !isLet(found)) return new Refusal('credentials', BAD_CREDENTIALS)
    if (found.verifier.retired) return new Refusal('retired', NOT_AUTHORISED)
    const { productKey, deviceName, services, settings, sealed } = found.verifier.alink
    return { identity: { role: 'device', site: found.verifier.site, device: found.device, alink: { productKey, deviceName, services, settings } }, sealed }
  }
}
