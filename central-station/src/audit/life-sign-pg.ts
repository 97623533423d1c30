import type { Log } from '@vigil/program'
import { OwnConnection } from '../db/own-connection.ts'

/** 'vig' and 5, in the space of advisory locks of two numbers: the second tells the station. */
const LIFE = 0x76_69_67_05

/** Which central stations of the house are running: each holds a lock as long as it does, and PostgreSQL gives it back the moment the program is killed. */
export interface LifeSign {
  /** Takes the lock of this station, or makes sure that it still has it. Never fails. */
  hold(): Promise<void>
  /** Nobody runs as that station. False also when nobody can say. */
  isGone(station: string): Promise<boolean>
  stop(): Promise<void>
}

export function createLifeSign({ url, station, log }: { url: string; station: string; log: Log }): LifeSign {
  let isHeld = false
  const own = new OwnConnection({ url, name: 'vigil-life-sign', lost: () => (isHeld = false) })
  const take = async (of: string): Promise<boolean> => {
    const { rows } = await (await own.connected()).query<{ got: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as got', [LIFE, of])
    return rows[0]?.got === true
  }
  const guarded = async (ask: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await ask()
    } catch (err) {
      log.debug({ err }, 'life_sign.not_asked')
      if (own.client) own.lose(own.client)
      return false
    }
  }
  return {
    async hold() {
      await guarded(async () => {
        if (isHeld) await own.client?.query('select 1')
        else isHeld = await take(station)
        return isHeld
      })
    },
    isGone: (of) =>
      guarded(async () => {
        if (of === station || !(await take(of))) return false
        await own.client?.query('select pg_advisory_unlock($1, hashtext($2))', [LIFE, of])
        return true
      }),
    stop: () => own.stop(),
  }
}
