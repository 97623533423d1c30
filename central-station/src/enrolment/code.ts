import { createHmac, randomInt } from 'node:crypto'

/** Crockford's base 32: no letter that is taken for a digit, and no U, so that no words arise. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUP = 5
/** 50 random bits. At ten guesses a minute from one address for ten minutes, one in ten million million is found. */
const LENGTH = 2 * GROUP

/** A code to be read aloud and typed, like `K7QX3-M9TBD`. */
export function newCode(): string {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return `${letters.slice(0, GROUP)}-${letters.slice(GROUP)}`
}

/** As typed by a person: case, hyphens and spaces do not matter, O is 0, I and L are 1. */
export function normaliseCode(typed: string): string {
  return typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
}

/** What is stored of a code: HMAC-SHA-256 under the installation's pepper. */
export function macOfCode(pepper: Buffer, code: string): Buffer {
  return createHmac('sha256', pepper).update(`enrolment:${normaliseCode(code)}`).digest()
}
