import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { hashPassword, isPassword } from '../../src/people/password.ts'
import { isOver, lifeOf } from '../../src/people/session-life.ts'
import { createSignInGuard, FREE_ATTEMPTS, PER_ADDRESS_PER_MINUTE } from '../../src/people/sign-in-guard.ts'
import { uuidv7 } from '../../src/ids.ts'

describe('a password', () => {
  it('is kept as an argon2id PHC string that only the password itself opens', async () => {
    const phc = await hashPassword('Zażółć gęślą jaźń')
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(await isPassword(phc, 'Zażółć gęślą jaźń')).toBe(true)
    expect(await isPassword(phc, 'Zażółć gęślą jaźń'.normalize('NFD'))).toBe(true)
    expect(await isPassword(phc, 'Zażółć gęślą jaź')).toBe(false)
    expect(await hashPassword('Zażółć gęślą jaźń')).not.toBe(phc)
  })
  it('opens nothing that is not such a string', async () => {
    expect(await isPassword('', '')).toBe(false)
    expect(await isPassword('$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA', 'x')).toBe(false)
  })
  it('agrees with the reference implementation of Argon2', async () => {
    // `argon2 somesalt -id -t 2 -m 16 -p 1 -l 32` of the reference command line, for "password".
    expect(await isPassword('$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc', 'password')).toBe(true)
  })
})

describe('guessing passwords', () => {
  const attempt = (guard: ReturnType<typeof createSignInGuard>, name = 'li', address = '10.0.0.1') => {
    try {
      guard.begin(name, address)
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
      return false
    }
  }
  it('gets five tries, then waits that double up to a quarter of an hour', () => {
    const clock = manualClock()
    const guard = createSignInGuard(clock)
    const tries = (n: number) => Array.from({ length: n }, () => attempt(guard)).filter(Boolean).length
    expect(tries(50)).toBe(FREE_ATTEMPTS)
    for (const minutes of [1, 2, 4, 8, 15, 15]) {
      clock.advance(minutes * 60_000 - 1)
      expect(tries(1)).toBe(0)
      clock.advance(1)
      expect(tries(3)).toBe(1)
    }
  })
  it('of one person does not lock another, nor the same person elsewhere', () => {
    const guard = createSignInGuard(manualClock())
    for (let i = 0; i < 9; i++) attempt(guard)
    expect(attempt(guard, 'LI')).toBe(false)
    expect(attempt(guard, 'roy')).toBe(true)
    expect(attempt(guard, 'li', '10.0.0.2')).toBe(true)
  })
  it('begins anew after the right password', () => {
    const guard = createSignInGuard(manualClock())
    for (let i = 0; i < 4; i++) attempt(guard)
    guard.succeeded('li', '10.0.0.1')
    expect(Array.from({ length: 9 }, () => attempt(guard)).filter(Boolean)).toHaveLength(FREE_ATTEMPTS)
  })
  it('of many names from one address is slowed too', () => {
    const clock = manualClock()
    const guard = createSignInGuard(clock)
    const tried = () => Array.from({ length: 200 }, (_, i) => attempt(guard, `name-${clock.monotonic()}-${i}`)).filter(Boolean).length
    expect(tried()).toBe(PER_ADDRESS_PER_MINUTE)
    clock.advance(60_000)
    expect(tried()).toBe(PER_ADDRESS_PER_MINUTE)
  })
})

describe('a session', () => {
  const session = (over: Partial<Parameters<typeof isOver>[0]>) => ({ kind: 'browser' as const, account: { role: 'nurse' as const, disabled: false }, lastUsedMs: 0, expiresAtMs: 43_200_000, ...over })
  it('ends after half an hour unused, at its end, and with its account', () => {
    expect(isOver(session({}), 1_799_999)).toBe(false)
    expect(isOver(session({}), 1_800_000)).toBe(true)
    expect(isOver(session({ lastUsedMs: 43_199_000 }), 43_200_000)).toBe(true)
    expect(isOver(session({ account: { role: 'nurse', disabled: true } }), 1)).toBe(true)
  })
  it('of a wall outlives the night', () => {
    expect(lifeOf('browser', 'wall').idleMs).toBeGreaterThan(86_400_000)
    expect(lifeOf('program', 'operator').absoluteMs).toBeGreaterThan(lifeOf('browser', 'operator').absoluteMs)
  })
})

describe('an id', () => {
  it('is a UUID of version 7 that sorts by its time', () => {
    const ids = [1_772_362_800_250, 1_772_362_800_251, 1_772_362_900_000].map(uuidv7)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(ids.toSorted()).toEqual(ids)
    expect(Number.parseInt((ids[0] as string).replaceAll('-', '').slice(0, 12), 16)).toBe(1_772_362_800_250)
  })
})
