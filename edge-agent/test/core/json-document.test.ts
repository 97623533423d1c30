import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jsonDocument } from '../../src/platform/json-document.ts'
import { linuxIndicator } from '../../src/platform/linux-indicator.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('what the agent remembers', () => {
  it('is whole on the disk, for the agent alone to read, and there is nothing before the first time', () => {
    const path = join(temporaryFolder(), 'deep', 'board.json')
    const document = jsonDocument<{ version: number }>(path)
    expect(document.load()).toBeUndefined()
    document.save({ version: 3 })
    expect(jsonDocument(path).load()).toEqual({ version: 3 })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(existsSync(`${path}.new`)).toBe(false)
  })

  it('counts as nothing when it cannot be read, and somebody is told', () => {
    const path = join(temporaryFolder(), 'board.json')
    writeFileSync(path, '{"version":')
    const told: string[] = []
    expect(jsonDocument(path, (where) => told.push(where)).load()).toBeUndefined()
    expect(told).toEqual([path])
  })

  it('is the old one until the new one is complete', () => {
    const path = join(temporaryFolder(), 'board.json')
    const document = jsonDocument<unknown>(path)
    document.save({ version: 1 })
    writeFileSync(`${path}.new`, '{"vers')
    expect(document.load()).toEqual({ version: 1 })
  })
})

describe('the light of the board', () => {
  it('blinks and then does again what it did before', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'ACT'))
    const trigger = join(folder, 'ACT', 'trigger')
    writeFileSync(trigger, 'none kbd-scrolllock [mmc0] timer')
    const indicator = linuxIndicator(() => {}, folder)
    indicator.set(true)
    expect(readFileSync(trigger, 'utf8')).toBe('timer')
    indicator.set(false)
    expect([indicator.kind, readFileSync(trigger, 'utf8')]).toEqual(['LED ACT', 'mmc0'])
  })

  it('is the log on a board without one', () => {
    const logged: unknown[] = []
    const indicator = linuxIndicator((event, facts) => logged.push([event, facts]), temporaryFolder())
    indicator.set(true)
    expect([indicator.kind, logged]).toEqual(['log', [['identify', { on: true }]]])
  })
})
