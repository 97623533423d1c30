import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

const script = fileURLToPath(new URL('../../install.sh', import.meta.url))
const pauseScript = fileURLToPath(new URL('../../install/pause-before-start.sh', import.meta.url))

/** Programs that change a machine, replaced by ones that write down how they were called. */
function scratch() {
  const folder = temporaryFolder()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const name of ['systemctl', 'useradd', 'usermod']) {
    writeFileSync(join(bin, name), `#!/bin/sh\n[ "$1" = --version ] || echo "${name} $*" >> ${join(folder, 'changed')}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` }
  return { root: join(folder, 'root'), env, bin, folder, calls: () => readFileSync(join(folder, 'calls'), 'utf8') }
}

describe('install.sh', () => {
  it('puts command, folder and service in their places of an image, for the pinned Node, and touches nothing of this machine', () => {
    const { root, env, folder } = scratch()
    const out = execFileSync(script, ['--root', root], { env, encoding: 'utf8' })
    expect(out).toContain('Nothing was started here')
    const unit = readFileSync(join(root, 'etc/systemd/system/vigil-agent.service'), 'utf8')
    expect(unit).toMatch(/^ExecStart=\/\S+node \/\S+edge-agent\/src\/cli\/main\.ts run --data \/var\/lib\/vigil-agent$/m)
    for (const line of ['Type=notify', 'WatchdogSec=30', 'Restart=always', 'NoNewPrivileges=yes', 'ProtectSystem=strict']) expect(unit).toContain(line)
    expect(unit).not.toMatch(/@[A-Z]+@/)
    // A board whose I2C is not switched on yet has no group i2c, and the agent must start and say so.
    expect(unit).not.toMatch(/^SupplementaryGroups=/m)
    // Links in /sys/class/leds lead there; only the folder of the links being writable, buzzer and light were refused (EROFS).
    expect(unit).toMatch(/^ReadWritePaths=-\/sys\/devices\/platform$/m)
    expect(unit).toMatch(/^DeviceAllow=char-input r$/m)
    expect(statSync(join(root, 'var/lib/vigil-agent')).mode & 0o777).toBe(0o700)
    expect(readlinkSync(join(root, 'etc/systemd/system/multi-user.target.wants/vigil-agent.service'))).toBe('../vigil-agent.service')
    expect(existsSync(join(folder, 'changed'))).toBe(false)
    expect(spawnSync(join(root, 'usr/local/bin/vigil-agent'), ['--help'], { encoding: 'utf8' }).stdout).toContain('vigil-agent doctor')
    expect(execFileSync(script, ['--root', root], { env, encoding: 'utf8' })).toContain('Installed')
  })

  it('gives the command the settings of the service: doctor looked at another bus than the agent used', () => {
    const { root, env, folder } = scratch()
    execFileSync(script, ['--root', root], { env })
    const [settings, command] = [join(folder, 'vigil-agent.env'), join(folder, 'command')]
    writeFileSync(settings, '# of this board\nVIGIL_BUS=/dev/i2c-7\nPATH=/nowhere\nVIGIL_SENSORS="/etc/my sensors.json"\nVIGIL_EMULATE=100001-left')
    writeFileSync(command, readFileSync(join(root, 'usr/local/bin/vigil-agent'), 'utf8').replace('settings=/etc/vigil-agent.env', `settings=${settings}`), { mode: 0o755 })
    const shown = (of: string, more: Readonly<Record<string, string>> = {}): string => execFileSync(command, [of, '--print-config'], { encoding: 'utf8', env: { ...env, ...more } })
    expect(shown('scan')).toContain('VIGIL_BUS=/dev/i2c-7')
    expect(shown('scan')).toContain('VIGIL_EMULATE=100001-left')
    expect(shown('run')).toContain('VIGIL_SENSORS=/etc/my sensors.json')
    expect(shown('scan', { VIGIL_BUS: '/dev/i2c-0' })).toContain('VIGIL_BUS=/dev/i2c-0')
  })

  it('makes the user of an image a member of the groups of bus, buttons and buzzer, as far as the image has them', () => {
    const { root, env, folder } = scratch()
    mkdirSync(join(root, 'etc'), { recursive: true })
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n')
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\ninput:x:101:\ni2c:x:102:\n')
    execFileSync(script, ['--root', root], { env })
    expect(readFileSync(join(folder, 'changed'), 'utf8').match(/usermod .*/g)).toEqual(['i2c', 'input'].map((group) => `usermod --root ${root} -aG ${group} vigil`))
  })

  it('waits before each start itself, whatever systemd can do: pauses of systemd that grow never shrink again while the board is on', () => {
    const { root, env } = scratch()
    execFileSync(script, ['--root', root], { env })
    const unit = readFileSync(join(root, 'etc/systemd/system/vigil-agent.service'), 'utf8').split('\n')
    for (const line of [`ExecStartPre=/bin/sh ${pauseScript}`, 'RestartSec=5', 'RuntimeDirectory=vigil-agent', 'RuntimeDirectoryPreserve=restart']) expect(unit).toContain(line)
    expect(unit.filter((line) => line.startsWith('Restart'))).toEqual(['Restart=always', 'RestartSec=5'])
  })

  it('refuses to install from a home folder, which the service cannot see: it never started from there', () => {
    const { env, folder } = scratch()
    const home = mkdtempSync(join(homedir(), '.vigil-install-'))
    onTestFinished(() => rmSync(home, { recursive: true, force: true }))
    mkdirSync(join(home, 'edge-agent'))
    cpSync(script, join(home, 'edge-agent/install.sh'))
    const { status, stderr } = spawnSync(join(home, 'edge-agent/install.sh'), [], { env, encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, expect.stringContaining('/opt/vigil')])
    expect(existsSync(join(folder, 'changed'))).toBe(false)
  })

  it.each([[['--code', 'X'], 'belong together'], [['--data', 'relative'], 'must begin with /'], [['--fly'], 'Unknown argument --fly'], [['--url'], 'needs a value']])('refuses %j with 2 and installs nothing', (argv, why) => {
    const { root, env } = scratch()
    const { status, stderr } = spawnSync(script, ['--root', root, ...argv], { env, encoding: 'utf8' })
    expect([status, stderr]).toEqual([2, expect.stringContaining(why)])
    expect(existsSync(root)).toBe(false)
  })
})

/** The pause before a start as systemd would meet it: how often it has started the service anew, and how long the last run was. */
function pauses() {
  const { env, bin, folder, calls } = scratch()
  let ended = 0
  writeFileSync(join(bin, 'sleep'), `#!/bin/sh\necho "$*" >> ${join(folder, 'calls')}\n`)
  chmodSync(join(bin, 'sleep'), 0o755)
  const say = (shown: Readonly<Record<string, number | string>>): void => writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\n${Object.entries(shown).map(([name, value]) => `[ "$2" = --property=${name} ] && echo "${value}"\n`).join('')}exit 0\n`)
  return {
    /** @param ranS how long the run before lasted; none when the start before failed */
    after: (restarts: number | string, ranS?: number): number => {
      if (ranS !== undefined) ended += (ranS + 60) * 1_000_000
      say({ NRestarts: restarts, ActiveEnterTimestampMonotonic: ended - (ranS ?? 0) * 1_000_000, ActiveExitTimestampMonotonic: ended })
      execFileSync('/bin/sh', [pauseScript], { env: { ...env, RUNTIME_DIRECTORY: folder } })
      return Number(calls().trim().split('\n').at(-1))
    },
    env,
    folder,
    calls,
  }
}

describe('the pause before a start', () => {
  it('is none after a first fault, and grows with each that follows it, to less than a minute', () => {
    const { after } = pauses()
    expect([after(0), after(1, 3), after(2, 3), after(3, 3), after(4, 3)]).toEqual([0, 0, 5, 10, 15])
    for (let restarts = 5; restarts < 20; restarts++) after(restarts, 3)
    expect(after(20, 3)).toBe(55)
  })

  it('is none again after a good run, however often the board was started anew before; faults that follow are counted afresh', () => {
    const { after } = pauses()
    for (let restarts = 1; restarts <= 15; restarts++) after(restarts, 3)
    // Starts that fail have no run of their own: the good one before them is not counted again.
    expect([after(16, 86_400), after(17), after(18), after(19, 4), after(20, 700)]).toEqual([0, 5, 10, 15, 0])
  })

  it('is none when a person starts the service, and where systemd or the folder tells nothing', () => {
    const { after, env, calls } = pauses()
    for (let restarts = 1; restarts <= 5; restarts++) after(restarts, 3)
    expect([after(0, 3), after(1, 3), after('', 3), after('no such unit', 3)]).toEqual([0, 0, 0, 0])
    execFileSync('/bin/sh', [pauseScript], { env: { ...env, RUNTIME_DIRECTORY: '/nowhere' } })
    expect(calls().trim().split('\n').at(-1)).toBe('0')
  })
})
