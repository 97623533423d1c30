import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Who removed the demo ward of this data directory, and when. While it stands, nothing starts the simulator. */
export interface DemoMark {
  readonly at: string
  readonly by: string
}

const pathOf = (dataDir: string): string => join(dataDir, 'demo', 'removed.json')

export function markDemoRemoved(dataDir: string, mark: DemoMark): void {
  mkdirSync(join(dataDir, 'demo'), { recursive: true, mode: 0o700 })
  writeFileSync(pathOf(dataDir), `${JSON.stringify(mark)}\n`, { mode: 0o600 })
}

/** `undefined` where no demo ward was removed. A mark that cannot be read is one all the same: simulated patients do not come back by a broken file. */
export function readDemoMark(dataDir: string): DemoMark | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(dataDir), 'utf8')) as DemoMark
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : { at: '', by: '' }
  }
}

export function clearDemoMark(dataDir: string): void {
  rmSync(pathOf(dataDir), { force: true })
}
