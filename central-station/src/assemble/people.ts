import { join } from 'node:path'
import type { Looks } from '../audit/looks.ts'
import { watchDue } from '../audit/due-pg.ts'
import { createLifeSign } from '../audit/life-sign-pg.ts'
import { createLooks } from '../audit/looks-pg.ts'
import { type Audit, type AuditRecord, createAudit } from '../audit/audit.ts'
import { ANCHOR_FILE, type Anchors, openAnchors } from '../audit/anchors.ts'
import { chainKey } from '../audit/chain.ts'
import { createChain, readingChain } from '../audit/chain-pg.ts'
import { type ChainWatch, watchChain } from '../audit/chain-watch.ts'
import { type AuditExports, createAuditExports } from '../audit/audit-exports.ts'
import { createAuditSink, createAuditStore } from '../audit/audit-store-pg.ts'
import { createVisits, type Visits } from '../audit/visits.ts'
import { createWardReads, type WardReads } from '../audit/ward-reads.ts'
import { type Journal, openJournal } from '../files/journal.ts'
import type { AccountStore } from '../people/account.ts'
import { createAccountStore } from '../people/account-store-pg.ts'
import { createGlass, type Glass } from '../people/glass.ts'
import { createGlassStore } from '../people/glass-store-pg.ts'
import { createOwnSecrets, type OwnSecrets } from '../people/own-secrets.ts'
import { createSessionBook, type SessionBook } from '../people/session-book.ts'
import { createSessionStore } from '../people/session-store-pg.ts'
import { createGate, type Gate } from '../people/gate.ts'
import { createSignInGuard } from '../people/sign-in-guard.ts'
import { createSignIn, type SignInService } from '../people/sign-in.ts'
import { createTokenBook, type TokenBook } from '../people/token-book.ts'
import { createTokenStore } from '../people/token-store-pg.ts'
import { createTokens, type Tokens } from '../people/tokens.ts'
import { createUsers, type Users } from '../people/users.ts'
import type { Foundation } from './foundation.ts'

export interface PeopleParts {
  readonly accounts: AccountStore
  readonly sessions: SessionBook
  readonly tokenBook: TokenBook
  readonly gate: Gate
  readonly tokens: Tokens
  readonly glass: Glass
  readonly signIn: SignInService
  readonly users: Users
  readonly own: OwnSecrets
  readonly audit: Audit
  readonly auditExports: AuditExports
  readonly auditJournal: Journal<AuditRecord>
  readonly anchors: Anchors
  readonly chain: ChainWatch
  readonly wardReads: WardReads
  readonly visits: Visits
  readonly looks: Looks
  readonly stopDue: () => Promise<void>
}

/** People, their sessions, and the record of what they did. */
export async function assemblePeople({ database, databaseUrl, dues, registry, cache, folder, secrets, signingKey, clock, log }: Foundation): Promise<PeopleParts> {
  const { health } = database
  const key = chainKey(secrets.pepper)
  const anchors = await openAnchors({ path: join(folder, ANCHOR_FILE), clock, log })
  const chain = createChain({ database, key, moved: (head) => anchors.moved(head) })
  const guard = createSignInGuard(clock)
  const sink = createAuditSink({ database, key, moved: (head) => anchors.moved(head) })
  // An entry owes no entry.
  const carrier = { entries: () => [], carry: dues.carry }
  const auditJournal = await openJournal<AuditRecord>({ path: join(folder, 'audit-journal.jsonl'), sink, carrier, health, clock, log })
  const auditStore = createAuditStore(database)
  const audit = createAudit({ journal: auditJournal, store: auditStore, dues, clock })
  const life = createLifeSign({ url: databaseUrl, station: dues.station, log })
  // Before the first change: what is owed by a station that is not there is written by another.
  if (health.state() === 'ok') await life.hold()
  const accounts = createAccountStore({ database, chain })
  const sessions = createSessionBook({ store: createSessionStore({ database, chain }), cache, keep: (record) => auditJournal.append([record]), health, clock, log })
  const tokenBook = createTokenBook({ store: createTokenStore(database), cache, health, clock, log })
  const glass = createGlass({ store: createGlassStore({ database, chain }), registry, cache, clock, log })
  const stopWatch = watchDue({ database, dues, life, write: (records) => sink.write(records), journal: auditJournal, health, clock, log })
  const stayOf = (device: string) => {
    const stay = registry.now().stayOfDevice.get(device)
    return stay && { stayId: stay.id, patientId: stay.patient.id }
  }
  return {
    accounts,
    sessions,
    tokenBook,
    gate: createGate({ sessions, tokens: tokenBook, glass }),
    glass,
    tokens: createTokens({ book: tokenBook, registry, clock }),
    signIn: createSignIn({ accounts, sessions, guard, audit, clock }),
    own: createOwnSecrets({ accounts, sessions, guard, clock }),
    users: createUsers({ accounts, sessions, registry, clock }),
    audit,
    auditExports: createAuditExports({ store: auditStore, settle: () => auditJournal.drain(), key: signingKey, clock }),
    looks: createLooks({ database, settle: () => auditJournal.drain(), clock }),
    stopDue: () => {
      stopWatch()
      return life.stop()
    },
    auditJournal,
    anchors,
    chain: watchChain({ reading: (run) => readingChain(database, run), key, anchors: () => anchors.read(), settle: () => auditJournal.drain(), health, clock, log }),
    wardReads: createWardReads({ audit, clock, stayOf }),
    visits: createVisits(clock),
  }
}
