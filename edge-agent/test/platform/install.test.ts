import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
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

  it('makes the user of an image a member of the groups of bus, buttons and buzzer, as far as the image has them', () => {
    const { root, env, folder } = scratch()
    mkdirSync(join(root, 'etc'), { recursive: true })
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n')
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\ninput:x:101:\ni2c:x:102:\n')
    execFileSync(script, ['--root', root], { env })
    expect(readFileSync(join(folder, 'changed'), 'utf8').match(/usermod .*/g)).toEqual(['i2c', 'input'].map((group) => `usermod --root ${root} -aG ${group} vigil`))
  })

  it.each([
    [254, ['RestartSteps=6', 'RestartMaxDelaySec=60'], 'pause-before-start'],
    [252, [`ExecStartPre=/bin/sh ${pauseScript}`, 'RestartSec=5'], 'RestartSteps'],
  ])('lets pauses between restarts grow with systemd %i as well', (version, has, hasNot) => {
    const { root, env, bin } = scratch()
    writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\n[ "$1" = --version ] && echo "systemd ${version} (${version}.38-1~deb12u1)"\nexit 0\n`)
    execFileSync(script, ['--root', root], { env })
    const unit = readFileSync(join(root, 'etc/systemd/system/vigil-agent.service'), 'utf8').replace(/^#.*$/gm, '')
    for (const line of has) expect(unit.split('\n')).toContain(line)
    expect(unit).not.toContain(hasNot)
  })

  it.each([['0', 0], ['3', 15], ['400', 55], ['', 0], ['no such unit', 0]])('with systemd 252 and %j restarts waits %i s before the next', (restarts, seconds) => {
    const { env, bin, calls } = scratch()
    writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho "${restarts}"\n`)
    writeFileSync(join(bin, 'sleep'), `#!/bin/sh\necho "sleep $*" >> ${join(bin, '..', 'calls')}\n`)
    chmodSync(join(bin, 'sleep'), 0o755)
    execFileSync('/bin/sh', [pauseScript], { env })
    expect(calls()).toBe(`sleep ${seconds}\n`)
  })

  it.each([[['--code', 'X'], 'belong together'], [['--data', 'relative'], 'must begin with /'], [['--fly'], 'Unknown argument --fly'], [['--url'], 'needs a value']])('refuses %j with 2 and installs nothing', (argv, why) => {
    const { root, env } = scratch()
    const { status, stderr } = spawnSync(script, ['--root', root, ...argv], { env, encoding: 'utf8' })
    expect([status, stderr]).toEqual([2, expect.stringContaining(why)])
    expect(existsSync(root)).toBe(false)
  })
})
