import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

export const sketch = fileURLToPath(new URL('../../../docs/esp/vigil-board/vigil-board.ino', import.meta.url))
const standIns = fileURLToPath(new URL('arduino/', import.meta.url))

export interface SketchBoard {
  /** Starts it, with what its flash holds from before, as one that has run so long. */
  run(seconds: number, uptimeMs?: number): ChildProcess
}

/** The sketch of docs/esp, compiled for this machine against stand-ins that speak real bytes. @throws what the compiler says */
export async function compileSketch(port: number): Promise<SketchBoard> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-arduino-'))
  const source = join(folder, 'source')
  const flash = join(folder, 'flash')
  cpSync(standIns, source, { recursive: true })
  // Beside the settings of the host: an include in quotes looks in its own folder first.
  cpSync(sketch, join(source, 'vigil-board.ino'))
  mkdirSync(flash)
  const program = join(folder, 'board')
  await promisify(execFile)('g++', ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', '-I', source, `-DPORT=${port}`, join(source, 'main.cpp'), '-o', program])
  const running: ChildProcess[] = []
  onTestFinished(() => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    run(seconds, uptimeMs = 0) {
      const child = spawn(program, [String(seconds)], { env: { FLASH: flash, UPTIME_MS: String(uptimeMs) }, stdio: 'ignore' })
      running.push(child)
      return child
    },
  }
}
