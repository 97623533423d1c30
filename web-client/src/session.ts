import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { SessionInfo } from '@vigil/contract/api/people'
import type { Permission } from '@vigil/contract/api/rights'
import type { Api } from './api/api.ts'
import { asFailure } from './api/api-failure.ts'

export interface Session {
  readonly info: Readonly<ShallowRef<SessionInfo | undefined>>
  /** True once the server said that the session it knew is over. */
  readonly expired: Readonly<ShallowRef<boolean>>
  readonly signedIn: ComputedRef<boolean>
  may(right: Permission): boolean
  /** Asks the server once who is signed in; later calls answer from memory. */
  load(): Promise<boolean>
  /** Asks again: the live connection was lost and the session may be over. */
  check(): Promise<void>
  signIn(username: string, password: string): Promise<void>
  signOut(): Promise<void>
  /** Names are hidden and nothing can be done here until it is unlocked; alarms go on. */
  lock(): Promise<void>
  unlock(by: { pin: string } | { password: string }): Promise<void>
  /** The server answered 401 to a call of this session. */
  end(): void
}

/** Who is signed in and what they may do. The rights come from the server; the app holds no table of its own. */
export function createSession(api: () => Api): Session {
  const info = shallowRef<SessionInfo>()
  const expired = shallowRef(false)
  let asked = false

  const end = () => {
    if (info.value) expired.value = true
    info.value = undefined
  }

  async function ask(): Promise<void> {
    try {
      info.value = await api().me()
      asked = true
    } catch (error) {
      if (asFailure(error).code !== 'UNAUTHENTICATED') throw error
      asked = true
      end()
    }
  }

  return {
    info,
    expired,
    signedIn: computed(() => info.value !== undefined),
    may: (right) => info.value?.rights.includes(right) ?? false,
    async load() {
      if (!asked) await ask()
      return info.value !== undefined
    },
    async check() {
      // An unreachable server is the live connection's to report; only a plain "no" ends the session.
      if (info.value) await ask().catch(() => undefined)
    },
    async signIn(username, password) {
      info.value = await api().signIn({ username, password })
      asked = true
      expired.value = false
    },
    async signOut() {
      await api().signOut()
      info.value = undefined
    },
    async lock() {
      await api().lock()
      await ask()
    },
    async unlock(by) {
      await api().unlock(by)
      await ask()
    },
    end,
  }
}
