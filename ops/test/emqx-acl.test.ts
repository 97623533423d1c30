import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { downChannels, ROOT, upChannels } from '@vigil/contract'

interface Rule {
  readonly who: string
  readonly topics: readonly string[]
}

const text = readFileSync(fileURLToPath(new URL('../../docs/scale-out/emqx-acl.conf', import.meta.url)), 'utf8')
const rules = [...text.matchAll(/^\{allow, (all|\{user, "\w+"\}), (publish|subscribe), \[(.*)\]\}\.$/gm)].map(([, who = '', what = '', topics = '']): Rule => ({ who: `${who.replace(/.*"(\w+)".*/, '$1')} ${what}`, topics: JSON.parse(`[${topics}]`) as string[] }))
const topicsOf = (who: string): string[] => rules.filter((rule) => rule.who === who).flatMap(({ topics }) => topics).sort()
const below = (device: string, channels: readonly string[]): string[] => channels.map((channel) => `${ROOT}/+/${device}/${channel}`)
// oxlint-disable-next-line no-template-curly-in-string -- EMQX fills it in
const own = '${username}'

/** A board that may not subscribe to all it hears, or a program that may not speak, is found out in a ward and not here. */
describe('the rules for EMQX', () => {
  it('let a device say and hear every channel there is, of its own', () => {
    expect(topicsOf('all publish')).toEqual(below(own, [...upChannels, 'wave/+']).sort())
    expect(topicsOf('all subscribe')).toEqual([...below(own, downChannels), `${ROOT}/+/$time`].sort())
  })

  it('let the programs do what they do at our own broker', () => {
    expect(topicsOf('bridge publish')).toEqual(below('+', ['receipt', 'live']).sort())
    expect(topicsOf('bridge subscribe')).toEqual(expect.arrayContaining(below('+', ['tele', 'backlog', 'event', 'state', 'wave/+'])))
    expect(topicsOf('central publish')).toEqual([...below('+', downChannels.filter((channel) => channel !== 'receipt')), `${ROOT}/+/$time`].sort())
  })

  it('refuse everything else', () => expect(text.trim().endsWith('{deny, all}.')).toBe(true))
})
