import { type AccessToken, type AccessTokenCreated, type AccessTokenList, AppError, type Clock, type NewAccessToken } from '@vigil/contract'
import { uuidv7 } from '../ids.ts'
import { field, iso } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'
import { type Caller, seesWard } from './caller.ts'
import { isValid, type TokenBook, type TokenFact } from './token-book.ts'

/** Tokens for programs: made once, shown once, ended when they are no longer needed. */
export interface Tokens {
  list(): Promise<AccessTokenList>
  /** @throws AppError NOT_FOUND for a ward, FORBIDDEN for a right or a ward the maker has not got */
  make(asked: NewAccessToken, maker: Caller): Promise<AccessTokenCreated>
  /** @throws AppError NOT_FOUND */
  revoke(id: string, by: string): Promise<AccessToken>
}

const DAY_MS = 86_400_000
const DAYS = 90

export function createTokens({ book, registry, clock }: { book: TokenBook; registry: Registry; clock: Clock }): Tokens {
  const toToken = (fact: TokenFact): AccessToken => ({
    id: fact.id,
    name: fact.name,
    rights: [...fact.rights] as AccessToken['rights'],
    wards: fact.wards,
    createdBy: fact.createdBy,
    createdAt: iso(fact.createdAtMs),
    expiresAt: iso(fact.expiresAtMs),
    ...field('lastUsedAt', fact.lastUsedMs === null ? null : iso(fact.lastUsedMs)),
    ...field('revokedAt', fact.revokedAtMs === null ? null : iso(fact.revokedAtMs)),
    ...field('revokedBy', fact.revokedBy),
    state: isValid(fact, clock.now()) ? 'valid' : fact.revokedAtMs === null ? 'expired' : 'revoked',
  })
  return {
    list: async () => ({ tokens: (await book.list()).map(toToken) }),
    async make({ name, rights, wards = null, expiresInDays = DAYS }, maker) {
      const unknown = (wards ?? []).filter((id) => !registry.now().wards.has(id))
      if (unknown.length > 0) throw new AppError('NOT_FOUND', `There is no ward ${unknown.join(', ')}.`, { details: { unknown } })
      const beyond = rights.filter((right) => !maker.rights.has(right))
      if (beyond.length > 0) throw new AppError('FORBIDDEN', `You cannot give a program what you may not do yourself: ${beyond.join(', ')}.`, { details: { rights: beyond } })
      if (maker.wards !== null && (wards === null || !wards.every((id) => seesWard(maker, id)))) throw new AppError('FORBIDDEN', 'You cannot give a program a ward that is not yours.')
      const { token, fact } = await book.make({ id: uuidv7(clock.now()), name, rights, wards, createdBy: maker.username, createdAtMs: clock.now(), expiresAtMs: clock.now() + expiresInDays * DAY_MS })
      return { ...toToken(fact), token }
    },
    revoke: async (id, by) => toToken(await book.revoke(id, by)),
  }
}
