import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openSqliteSpool } from '../../src/spool/open-sqlite-spool.ts'
import { seeded } from '../support/seeded.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const child = fileURLToPath(new URL('recording-child.ts', import.meta.url))

/** Lets an agent record until it has said `lines` numbers, kills it at that instant, and answers the last number it said. */
async function recordAndKill(path: string, lines: number, limitBytes: number): Promise<number> {
  const agent = spawn(process.execPath, [child, path, String(limitBytes)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  agent.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (said.split('\n').length > lines) agent.kill('SIGKILL')
  })
  await once(agent, 'close')
  // The last line may be cut in the middle by the kill.
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1))
}

describe('an agent killed at any instant', () => {
  it('finds every object again that it had recorded, unbroken and unchanged, and goes on with the next number', { timeout: 60_000 }, async () => {
    const random = seeded(3)
    const path = join(temporaryFolder(), 'board.sqlite')
    for (let round = 0; round < 12; round++) {
      const last = await recordAndKill(path, 1 + Math.floor(random() * 150), 64 * 1024 * 1024)
      const store = openSqliteSpool({ path })
      expect(store.boot).toBe(2 * round + 2)
      expect(store.lastSeq()).toBeGreaterThanOrEqual(last)
      expect(store.kept()).toEqual([[1, store.lastSeq()]])
      const bodies = store.read({ from: 1, to: store.lastSeq(), limit: store.lastSeq() }).map((record) => JSON.parse(record.body) as { t: number })
      expect(bodies.every(({ t }, i) => t === i + 1)).toBe(true)
      store.close()
    }
  })

  it('keeps an unbroken end of it when the ring is full', { timeout: 60_000 }, async () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    for (let round = 0; round < 4; round++) {
      const last = await recordAndKill(path, 260 + 20 * round, 96 * 1024)
      const store = openSqliteSpool({ path, limitBytes: 96 * 1024 })
      expect(store.lastSeq()).toBeGreaterThanOrEqual(last)
      expect(store.kept()).toHaveLength(1)
      expect(store.kept()[0]?.[0]).toBeGreaterThan(round === 0 ? 0 : 1)
      expect(store.kept()[0]?.[1]).toBe(store.lastSeq())
      store.close()
    }
  })
})
