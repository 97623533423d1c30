import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findNative, missingLinks, programIn, recreateLinks } from '../src/postgres/native.ts'
import { preparePrograms } from '../src/postgres/programs.ts'
import { canRun, chooseRunUser } from '../src/postgres/run-user.ts'
import { emptyFolder } from './support/folders.ts'

const root = process.getuid?.() === 0

/** A copy of the installed programs as npm leaves them when it runs no install scripts. */
function installedWithoutScripts(parent: string) {
  const { directory, version } = findNative()
  const copy = join(parent, 'package', 'native')
  cpSync(directory, copy, { recursive: true, verbatimSymlinks: true })
  const links = JSON.parse(readFileSync(join(copy, 'pg-symlinks.json'), 'utf8')) as { target: string }[]
  for (const { target } of links) rmSync(join(copy, '..', target), { force: true })
  return { directory: copy, version }
}

describe('the PostgreSQL programs', () => {
  it('run although npm skipped the script that makes their library links', () => {
    const folder = emptyFolder()
    chmodSync(folder, 0o755)
    const native = installedWithoutScripts(folder)
    expect(missingLinks(native.directory).length).toBeGreaterThan(5)
    expect(canRun(programIn(native.directory, 'initdb'), undefined)).toBe(false)
    expect(preparePrograms(undefined, { shared: join(folder, 'shared'), dataDir: folder }, native)).toBe(native.directory)
    expect(canRun(programIn(native.directory, 'initdb'), undefined)).toBe(true)
    expect(missingLinks(native.directory)).toEqual([])
  })

  it('are copied once to a place within reach when root installed them where their user cannot go', () => {
    const folder = emptyFolder()
    const closed = join(folder, 'closed')
    chmodSync(folder, 0o755)
    mkdirSync(closed, { mode: 0o700 })
    const native = installedWithoutScripts(closed)
    const user = chooseRunUser(join(folder, 'none'))
    const place = { shared: join(folder, 'shared'), dataDir: folder }
    const programs = preparePrograms(user, place, native)
    // An ordinary user runs PostgreSQL as themselves, and reaches what they installed.
    expect(programs.startsWith(root ? place.shared : closed)).toBe(true)
    expect(canRun(programIn(programs, 'postgres'), user)).toBe(true)
    expect(preparePrograms(user, place, native)).toBe(programs)
    if (root) expect(readdirSync(place.shared)).toHaveLength(1)
  })

  it('can be linked by two starts at once', () => {
    const folder = emptyFolder()
    const native = installedWithoutScripts(folder)
    recreateLinks(native.directory)
    recreateLinks(native.directory)
    expect(missingLinks(native.directory)).toEqual([])
  })

  it('are missed in one sentence on a computer there are none for', () => {
    expect(() => findNative('aix', 'ppc64')).toThrow(/DATABASE_URL/)
  })
})

describe('who PostgreSQL runs as', () => {
  const passwd = (...lines: string[]) => {
    const file = join(emptyFolder(), 'passwd')
    writeFileSync(file, ['root:x:0:0:root:/root:/bin/sh', ...lines].join('\n'))
    return file
  }

  it('is the ordinary user who starts it', () => {
    expect(chooseRunUser('/nowhere', { uid: 1000 })).toBeUndefined()
  })

  it('is postgres for root, otherwise nobody', () => {
    const nobody = 'nobody:x:65534:65533::/:/bin/false'
    expect(chooseRunUser('/nowhere', { uid: 0, passwdFile: passwd(nobody, 'postgres:x:101:104::/:/bin/sh') })).toEqual({ uid: 101, gid: 104 })
    expect(chooseRunUser('/nowhere', { uid: 0, passwdFile: passwd(nobody) })).toEqual({ uid: 65_534, gid: 65_533 })
  })

  it('is refused in one sentence when the system has neither', () => {
    expect(() => chooseRunUser('/nowhere', { uid: 0, passwdFile: passwd() })).toThrow(/ordinary user/)
  })

  it('is who owns the database already, so that a later start by root changes nothing', () => {
    const owned = emptyFolder()
    if (root) chownSync(owned, 4_321, 4_322)
    const { uid, gid } = statSync(owned)
    expect(chooseRunUser(owned, { uid: 0, passwdFile: passwd('postgres:x:101:104::/:/bin/sh') })).toEqual({ uid, gid })
  })
})
