import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterMatches, TopicTree } from '../src/protocol/topic-tree.ts'

const word = fc.constantFrom('a', 'b', '', '$a', 'vitals')
const topic = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('/'))
const filter = fc
  .tuple(fc.array(fc.oneof(word, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([words, open]) => [...words, ...(open ? ['#'] : [])].join('/'))

describe('the topic tree', () => {
  it.each([
    ['sport/#', 'sport', true],
    ['sport/#', 'sport/tennis/player1', true],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['+', '/finance', false],
    ['#', '$SYS/broker', false],
    ['+/broker', '$SYS/broker', false],
    ['$SYS/#', '$SYS/broker', true],
  ])('[MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.2-1] %s against %s: %s', (pattern, text, matches) => {
    const tree = new TopicTree<string, number>()
    tree.set(pattern, 'listener', 1)
    expect(tree.match(text).has('listener')).toBe(matches)
    expect(filterMatches(pattern, text)).toBe(matches)
  })

  it('finds whoever a filter-by-filter search finds, each once with the greatest value, after any changes', () => {
    const change = fc.record({ filter, listener: fc.constantFrom('x', 'y', 'z'), value: fc.constantFrom(0, 1, 2), gone: fc.boolean() })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.array(topic, { maxLength: 5 }), (changes, topics) => {
        const tree = new TopicTree<string, number>()
        const plain = new Map<string, { filter: string; listener: string; value: number }>()
        for (const one of changes) {
          const key = `${one.listener} ${one.filter}`
          if (one.gone) tree.delete(one.filter, one.listener)
          else tree.set(one.filter, one.listener, one.value)
          if (one.gone) plain.delete(key)
          else plain.set(key, one)
          for (const text of topics) expect(Object.fromEntries(tree.match(text))).toEqual(search(plain.values(), text))
        }
      }),
    )
  })
})

function search(all: Iterable<{ filter: string; listener: string; value: number }>, text: string): Record<string, number> {
  const found: Record<string, number> = {}
  for (const { filter: pattern, listener, value } of all) if (filterMatches(pattern, text)) found[listener] = Math.max(found[listener] ?? 0, value)
  return found
}
