import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { emptyFolder } from './support/folders.ts'

const house = fileURLToPath(new URL('../..', import.meta.url))
const pinned = `node-${process.platform}-${process.arch}`

/** A house of its own with the packages named, installed as npm 9 leaves them: without the command of the pinned Node. */
function houseWith(...packages: string[]) {
  const root = emptyFolder()
  const modules = join(root, 'node_modules')
  for (const folder of [join(modules, '.bin'), join(root, 'edge-agent')]) mkdirSync(folder, { recursive: true })
  for (const file of ['boot.mjs', 'package-lock.json']) cpSync(join(house, file), join(root, file))
  writeFileSync(join(modules, '.package-lock.json'), '{}')
  for (const name of [pinned, ...packages]) symlinkSync(join(house, 'node_modules', name), join(modules, name))
  return { root, modules, boot: (...args: string[]) => bootAs(root, process.versions.node, args) }
}

/** As the Node of this version that called npm would run it. */
function bootAs(root: string, version: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const pretend = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  return spawnSync(process.execPath, ['--import', pretend, join(root, 'boot.mjs'), ...args], { encoding: 'utf8', env: { ...process.env, ...env } })
}

describe('what npm start does before anything else', () => {
  it('can be read by the npm of Debian 13 (9.2), which takes versions alone for overrides', () => {
    const { overrides = {} } = JSON.parse(readFileSync(join(house, 'package.json'), 'utf8')) as { overrides?: Record<string, unknown> }
    for (const value of Object.values(overrides)) expect(value).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('runs on the Node 18 of Debian 12, which only has to install the pinned one; refused there, no board with that system could be installed', () => {
    const { root, modules } = houseWith()
    expect(bootAs(root, '18.20.4')).toMatchObject({ status: 0, stderr: '' })
    expect(readlinkSync(join(modules, '.bin', 'node'))).toBe(join('..', pinned, 'bin', 'node'))
    expect(bootAs(root, '16.20.2')).toMatchObject({ status: 1, stderr: expect.stringContaining('Vigil needs Node 18 or newer') })
  })

  it.each([['18.20.4', 'v22.18.0'], [process.versions.node, process.version]])('has npm of Node %s install as for %s: packages it is too old for itself, like the native part of the bundler, it left out without a word', (caller, judgedBy) => {
    const { root, modules } = houseWith()
    rmSync(join(modules, '.package-lock.json'))
    const bin = join(root, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\n"${process.execPath}" -p process.version > ${join(root, 'judged-by')}\n`, { mode: 0o755 })
    expect(bootAs(root, caller, [], { PATH: `${bin}:${process.env['PATH'] ?? ''}` }).status).toBe(0)
    expect(readFileSync(join(root, 'judged-by'), 'utf8').trim()).toBe(judgedBy)
  })

  it('gives the pinned Node its command where npm 9 left it out', () => {
    const { modules, boot } = houseWith()
    expect(boot()).toMatchObject({ status: 0, stderr: '' })
    expect(readlinkSync(join(modules, '.bin', 'node'))).toBe(join('..', pinned, 'bin', 'node'))
  })

  it('builds the I2C module for the pinned Node with the compiler alone: the node-gyp of Debian links Debian\'s own Node, and loading it crashed', () => {
    const { modules, boot } = houseWith('nan', 'bindings', 'file-uri-to-path')
    cpSync(join(house, 'node_modules', 'i2c-bus'), join(modules, 'i2c-bus'), { recursive: true, filter: (path) => !path.endsWith(join('i2c-bus', 'build')) })
    const { status, stderr } = boot('--i2c')
    expect([status, stderr]).toEqual([0, 'Building the I2C module for this board (once) …\n'])
    expect(boot('--i2c')).toMatchObject({ status: 0, stderr: '' })
  }, 120_000)
})
