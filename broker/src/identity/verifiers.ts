import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Stop } from '@vigil/contract'
import type { AlinkAddress, AlinkModel } from '@vigil/contract/alink/index'

/** What a device that speaks Alink is there, and what its signature is checked with. */
export interface AlinkVerifier extends AlinkAddress, AlinkModel {
  /** Its secret under the installation's seal, base64. */
  readonly sealed: string
}

/** What is needed to check a device's secret, without the secret. */
export interface Verifier {
  readonly site: string
  /** HMAC-SHA-256 of the secret under the server's pepper, base64. */
  readonly mac: string
  /** The secret before the last rotation, valid until the given wall-clock time. */
  readonly previous?: { readonly mac: string; readonly untilMs: number }
  readonly retired: boolean
  readonly alink?: AlinkVerifier
}

export interface KnownDevice {
  readonly device: string
  readonly verifier: Verifier
}

/** How well the registry is known at the moment. */
export interface VerifierFacts {
  /** Whether the registry itself answers; false means that we live from what we remember. */
  readonly link: boolean
  readonly cached: number
  /** Milliseconds since the registry was last read whole; `undefined` when never in this life. */
  readonly ageMs: number | undefined
}

/** Port: the registry as the broker sees it. */
export interface Verifiers {
  /**
   * What the registry says of a device; `undefined` when it has no such device.
   * @throws AppError DATABASE_AWAY when the device is not remembered and the registry cannot be asked.
   */
  find(device: string): Promise<Verifier | undefined>
  /** The device that signs in with this user name of Alink; asks the registry again with `anew`. @throws as `find` */
  findAlink(userName: string, anew?: boolean): Promise<KnownDevice | undefined>
  /** Asks the registry again, for a secret that did not fit: it may have been rotated this moment. Bounded per device. */
  recheck(device: string): Promise<Verifier | undefined>
  /** What the token of a phone is checked with: its SHA-256. Asked every time: while the registry is away no export could be stored either. @throws as `find` */
  findPhone(phone: string): Promise<Buffer | undefined>
  /** What is remembered, without asking. */
  readonly peek: (device: string) => Verifier | undefined
  /** Told after anything about a device changed, also that it is gone. */
  readonly onChange: (listener: (device: string) => void) => Stop
  readonly facts: () => VerifierFacts
  readonly stop: () => Promise<void>
}

/** HMAC-SHA-256 of a secret under the server's pepper, base64: secrets are 256 random bits, so a fast hash is enough. A key made once costs a sixth of bytes. */
export function macOf(pepper: Buffer | KeyObject, secret: Buffer | string): string {
  return createHmac('sha256', pepper).update(secret).digest('base64')
}

/** Whether a MAC is one the verifier accepts now; compared in constant time. */
export function accepts(verifier: Verifier, mac: string, nowMs: number): boolean {
  const current = sameMac(verifier.mac, mac)
  const previous = verifier.previous !== undefined && sameMac(verifier.previous.mac, mac) && nowMs < verifier.previous.untilMs
  return current || previous
}

export function sameVerifier(a: Verifier | undefined, b: Verifier | undefined): boolean {
  if (!a || !b) return a === b
  return a.site === b.site && a.mac === b.mac && a.retired === b.retired && a.previous?.mac === b.previous?.mac && a.previous?.untilMs === b.previous?.untilMs && JSON.stringify(a.alink) === JSON.stringify(b.alink)
}

/** Whether a MAC that was accepted once is still the one of now. Both are ours, so nobody learns from how long that takes. */
export function isStill(verifier: Verifier, mac: string, nowMs: number): boolean {
  return verifier.mac === mac || accepts(verifier, mac, nowMs)
}

function sameMac(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'base64'), Buffer.from(b, 'base64')]
  return left.length === right.length && timingSafeEqual(left, right)
}
