import { fork, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SIZE = '420m'

/** Runs a program with a small disk of its own for temporary files. Answers its exit code, or why there is no such disk. */
export async function onSmallDisk(program: string): Promise<number | string> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-small-disk-'))
  try {
    // PostgreSQL does not run as root: whoever it runs as must be able to write there.
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=1777`, 'tmpfs', folder], { encoding: 'utf8' })
    if (mounted.status !== 0) return mounted.error?.message ?? mounted.stderr.trim()
    try {
      const child = fork(program, { env: { ...process.env, TMPDIR: folder } })
      return await new Promise<number>((resolve) => {
        child.once('exit', (code) => resolve(code ?? 1))
      })
    } finally {
      spawnSync('umount', ['-l', folder])
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
