import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { placeStandIn } from './stand-in.ts'

/** Kept between runs: the package changes with the Debian release only. */
const KEPT = join(tmpdir(), 'vigil-mosquitto-source')
const FETCH_LIMIT_MS = 120_000
const TEST_LIMIT_MS = 60_000
const AT_ONCE = 4
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'

export interface TestResult {
  readonly name: string
  readonly passed: boolean
  /** What the test said. */
  readonly output: string
}

/** The tests that check the text of MQTT 3.1.1, and not an option of Mosquitto. */
export const relevantTests: readonly string[] = readFileSync(join(import.meta.dirname, 'relevant-tests.txt'), 'utf8').split('\n').filter((line) => line !== '')

/**
 * The folder with Mosquitto's own tests, from Debian's source package; they are never part of this repository.
 * Answers why not where it cannot be had.
 */
export function fetchSuite(): { readonly folder: string } | { readonly missing: string } {
  const folder = join(KEPT, 'test')
  if (existsSync(folder)) return { folder }
  const scratch = mkdtempSync(join(tmpdir(), 'vigil-mosquitto-fetch-'))
  try {
    const problem = downloadInto(scratch)
    if (problem !== undefined) return { missing: problem }
    const [source] = globSync(join(scratch, 'mosquitto-*/test'))
    if (source === undefined) return { missing: 'the source package of mosquitto has no tests' }
    mkdirSync(KEPT, { recursive: true })
    renameSync(source, folder)
    return { folder }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Source packages need `deb-src` lines, which most systems leave out: made from the `deb` lines here, beside the system's own. */
function downloadInto(scratch: string): string | undefined {
  const sources = globSync('/etc/apt/sources.list.d/*.sources').map((path) => readFileSync(path, 'utf8').replaceAll(/^Types: deb$/gm, 'Types: deb-src')).join('\n')
  const lists = globSync(['/etc/apt/sources.list', '/etc/apt/sources.list.d/*.list']).flatMap((path) => readFileSync(path, 'utf8').match(/^deb .*$/gm) ?? [])
  for (const name of ['parts', 'lists/partial', 'cache/archives/partial']) mkdirSync(join(scratch, name), { recursive: true })
  writeFileSync(join(scratch, 'parts', 'all.sources'), sources)
  writeFileSync(join(scratch, 'parts', 'all.list'), lists.map((line) => line.replace('deb ', 'deb-src ')).join('\n'))
  const options = ['sourcelist=/dev/null', `sourceparts=${scratch}/parts`].map((option) => `Dir::Etc::${option}`)
  const apt = (...words: string[]) => spawnSync('apt-get', [...[...options, `Dir::State::lists=${scratch}/lists`, `Dir::Cache=${scratch}/cache`].flatMap((option) => ['-o', option]), '-qq', ...words], { cwd: scratch, encoding: 'utf8', timeout: FETCH_LIMIT_MS })
  for (const words of [['update'], ['source', '--download-only', 'mosquitto']]) {
    const { status, stderr, error } = apt(...words)
    if (status !== 0) return `apt-get ${words[0]} did not get the source package of mosquitto: ${error?.message ?? stderr.trim().split('\n').at(-1)}`
  }
  const [archive] = globSync(join(scratch, '*.orig.tar.*'))
  const unpacked = spawnSync('tar', ['xf', archive ?? '', '-C', scratch], { encoding: 'utf8', timeout: FETCH_LIMIT_MS })
  return unpacked.status === 0 ? undefined : `the source package cannot be unpacked: ${unpacked.stderr}`
}

/** Runs tests of the suite against our broker; `firstPort` and as many more as there are tests, three each, must be free. */
export async function runSuite(folder: string, names: readonly string[], firstPort: number): Promise<TestResult[]> {
  const lab = mkdtempSync(join(tmpdir(), 'vigil-mosquitto-tests-'))
  mkdirSync(join(lab, 'src'))
  cpSync(folder, join(lab, 'test'), { recursive: true })
  prepare(join(lab, 'test'))
  const standIn = await placeStandIn(join(lab, 'src', 'mosquitto'))
  const results: TestResult[] = []
  const queue = names.map((name, i) => ({ name, port: firstPort + 3 * i }))
  const line = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) results.push(await runTest(join(lab, 'test', 'broker'), next.name, next.port))
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, line))
  } finally {
    await standIn.stop()
    rmSync(lab, { recursive: true, force: true })
  }
  return results
}

/** Leaves out what the tests say in MQTT 5, which this broker does not speak, and gives a busy machine time to start a broker. */
function prepare(tests: string): void {
  const common = join(tests, 'mosq_test.py')
  writeFileSync(common, readFileSync(common, 'utf8').replace('for i in range(0, 20):', 'for i in range(0, 200):'))
  for (const path of globSync(join(tests, 'broker', '[0-9]*.py'))) {
    const text = readFileSync(path, 'utf8')
      .replaceAll(/^(?:do_test|all_tests?|do_\w+|\w+_test)\((?:[^\n]*proto_ver=)?5[^\n]*\)/gm, 'pass')
      .replaceAll(/^(?:do_test|all_tests?|do_\w+|\w+_test)\([^\n]*proto_ver=5[^\n]*\)/gm, 'pass')
      .replaceAll(/in \[4, ?5\]/g, 'in [4]')
      .replaceAll('test_v5 = True', 'test_v5 = False')
    writeFileSync(path, text)
  }
}

function runTest(folder: string, name: string, port: number): Promise<TestResult> {
  return new Promise((resolve) => {
    // A test that is given more ports than it asks for takes a fixed one instead.
    const ports = readFileSync(join(folder, `${name}.py`), 'utf8').includes('get_port(2)') ? [port, port + 1] : [port]
    const child = spawn(PYTHON, [`./${name}.py`, ...ports.map(String)], { cwd: folder, timeout: TEST_LIMIT_MS, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', (error) => resolve({ name, passed: false, output: error.message }))
    child.on('close', (code) => resolve({ name, passed: code === 0, output: output || `ended with ${code}` }))
  })
}
