// Runs on whatever Node (20 or newer) called npm, before anything is installed: built-ins only, plain JavaScript.
// Installs exactly what the lock file says when it is not there yet; afterwards npm finds the pinned Node in node_modules/.bin.
import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const installed = join(root, 'node_modules', '.package-lock.json')
const lock = join(root, 'package-lock.json')
const upToDate = existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs

const major = Number(process.versions.node.split('.')[0])
if (major < 20) {
  process.stderr.write(`Vigil needs Node 20 or newer; this is ${process.version}. Install a newer Node and run the command again.\n`)
  process.exit(1)
}

if (!upToDate) {
  const startedAt = Date.now()
  process.stderr.write('Installing what Vigil needs (once, about a minute) …\n')
  const tick = setInterval(() => process.stderr.write(`  … still installing, ${Math.round((Date.now() - startedAt) / 1000)} s\n`), 10_000)
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const child = spawn(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  child.on('exit', (code) => {
    clearInterval(tick)
    if (code !== 0) {
      process.stderr.write('The installation failed; the lines above say why. Check the network to the package registry and run the command again.\n')
      process.exit(1)
    }
    process.stderr.write(`Installed in ${Math.round((Date.now() - startedAt) / 1000)} s.\n`)
  })
}
