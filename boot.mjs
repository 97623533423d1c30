// Runs on whatever Node (18 or newer, as Debian 12 and Raspberry Pi OS of its time have) called npm, before anything is installed: built-ins only, plain JavaScript.
// Installs exactly what the lock file says when it is not there yet; afterwards npm finds the pinned Node in node_modules/.bin.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const modules = join(root, 'node_modules')
const lockFile = join(root, 'package-lock.json')
// npm writes this file last: without it an installation was cut short.
const npmRecord = join(modules, '.package-lock.json')
const ownRecord = join(modules, '.installed-for')
const lockDigest = createHash('sha256').update(readFileSync(lockFile)).digest('hex')
/** Enough to install; everything else runs on the pinned Node. */
const OLDEST_NODE = 18
/** TypeScript runs directly from here on; needed where npm has no Node of its own for the platform. */
const RUNS_TYPESCRIPT = [22, 18]

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < OLDEST_NODE) fail(`Vigil needs Node ${OLDEST_NODE} or newer; this is ${process.version}. Install a newer Node and run the command again.`)
if (!isInstalled()) await install()
linkPinnedNode()
assertNodeForPrograms()
if (process.argv.includes('--i2c')) await buildI2c()

/** Content, not dates: a fresh checkout of the same lock file needs no new installation. */
function isInstalled() {
  if (!existsSync(npmRecord)) return false
  if (existsSync(ownRecord)) return readFileSync(ownRecord, 'utf8') === lockDigest
  return statSync(npmRecord).mtimeMs >= statSync(lockFile).mtimeMs
}

async function install() {
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  process.stderr.write('Installing what Vigil needs (once, about a minute) …\n')
  const tick = setInterval(() => process.stderr.write(`  … still installing, ${seconds()} s\n`), 10_000)
  const code = await installPackages()
  clearInterval(tick)
  if (code !== 0) fail('The installation failed; the lines above say why. Check the network to the package registry and run the command again.')
  writeFileSync(ownRecord, lockDigest)
  process.stderr.write(`Installed in ${seconds()} s.\n`)
}

/**
 * Development packages too, also where NODE_ENV says production: the web app is built here. No install scripts: nothing in
 * the ward needs one, and what a board needs is built by `buildI2c`.
 */
function installPackages() {
  return runNpm(['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'], asPinnedNode())
}

/**
 * npm leaves out, without a word, optional packages that its own Node is too old for: the bundler's native part is one, and the Node that will run it is the
 * pinned one. So npm is told that it runs on one that is new enough.
 */
function asPinnedNode() {
  if (major >= RUNS_TYPESCRIPT[0]) return process.env
  const pretend = `--import=data:text/javascript,Object.defineProperty(process,'version',{value:'v${RUNS_TYPESCRIPT.join('.')}.0'})`
  return { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS ?? '', pretend].join(' ').trim() }
}

function runNpm(args, env = process.env) {
  const windows = process.platform === 'win32'
  return new Promise((resolve) => {
    const child = spawn(windows ? 'npm.cmd' : 'npm', args, { cwd: root, env, stdio: ['ignore', 2, 2], shell: windows })
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
    child.on('error', (error) => fail(`npm could not be started: ${error.message}`))
    child.on('exit', resolve)
  })
}

/**
 * A board's I2C bus needs a native module, built for the Node that runs the agent and not for the one that called npm: its
 * headers come with the pinned Node. Without a compiler the agent still runs on emulated sensors, and says what is missing.
 */
async function buildI2c() {
  const pinned = join(modules, `node-${process.platform}-${process.arch}`, 'include', 'node')
  const own = join(modules, '.bin', 'node')
  const loads = () => spawnSync(existsSync(own) ? own : process.execPath, ['-e', "await import('i2c-bus')"], { cwd: join(root, 'edge-agent') }).status === 0
  if (process.platform !== 'linux' || loads()) return
  process.stderr.write('Building the I2C module for this board (once) …\n')
  if (existsSync(pinned)) compileI2c(pinned)
  else await runNpm(['rebuild', 'i2c-bus', '--ignore-scripts=false', '--loglevel=error'])
  if (!loads()) process.stderr.write('The I2C module could not be built: install a compiler (apt install g++) and run the command again. Emulated sensors work without it.\n')
}

/** One call of the compiler: the node-gyp that comes with npm on Debian links Debian's own Node into the module, and the pinned one dies of it. */
function compileI2c(headers) {
  const driver = join(modules, 'i2c-bus')
  const out = join(driver, 'build', 'Release')
  mkdirSync(out, { recursive: true })
  const defines = ['NODE_GYP_MODULE_NAME=i2c', 'BUILDING_NODE_EXTENSION', 'USING_UV_SHARED=1', 'USING_V8_SHARED=1', '_FILE_OFFSET_BITS=64'].map((name) => `-D${name}`)
  const compiler = process.env.CXX ?? 'c++'
  spawnSync(compiler, ['-std=gnu++20', '-O2', '-fPIC', '-shared', '-pthread', '-w', ...defines, '-I', headers, '-I', join(modules, 'nan'), join(driver, 'src', 'i2c.cc'), '-o', join(out, 'i2c.node')], { stdio: ['ignore', 2, 2] })
}

/** npm 9, which Debian 13 has, installs the pinned Node and leaves its command out. */
function linkPinnedNode() {
  const [command, program] = [join(modules, '.bin', 'node'), join(`node-${process.platform}-${process.arch}`, 'bin', 'node')]
  if (process.platform === 'win32' || existsSync(command) || !existsSync(join(modules, program))) return
  rmSync(command, { force: true })
  symlinkSync(join('..', program), command)
}

function assertNodeForPrograms() {
  const own = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
  if (existsSync(own) || major > RUNS_TYPESCRIPT[0] || (major === RUNS_TYPESCRIPT[0] && minor >= RUNS_TYPESCRIPT[1])) return
  fail(`npm has no Node for ${process.platform}-${process.arch}, and ${process.version} is too old to run Vigil. Install Node ${RUNS_TYPESCRIPT.join('.')} or newer.`)
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}
