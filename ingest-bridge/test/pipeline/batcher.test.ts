import { manualClock } from '@vigil/contract/testing/manual-clock'
import { describe, expect, it } from 'vitest'
import { Batcher } from '../../src/pipeline/batcher.ts'
import { WaitingLine } from '../../src/pipeline/waiting-line.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

function setUp(maxObjects = 5) {
  const clock = manualClock()
  const batches: number[][] = []
  const answers: { resolve: () => void; reject: (error: Error) => void }[] = []
  const failures: number[] = []
  const batcher = new Batcher<number>({
    sizeOf: (entry) => entry,
    commit(batch) {
      batches.push([...batch])
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      answers.push({ resolve, reject })
      return promise
    },
    onFailure: (_error, times) => failures.push(times),
    clock,
    random: () => 0.5,
    maxObjects,
  })
  return { clock, batches, answers, failures, batcher }
}

describe('group commit', () => {
  it('has one transaction in flight, and gives the next all that has gathered meanwhile', async () => {
    const { batcher, batches, answers } = setUp()
    batcher.add(1)
    await turn()
    for (const entry of [1, 2, 1]) batcher.add(entry)
    await turn()
    expect(batches).toEqual([[1]])
    answers[0]?.resolve()
    await turn()
    expect(batches).toEqual([[1], [1, 2, 1]])
  })

  it('takes no more than fits one transaction, but always at least one message', async () => {
    const { batcher, batches, answers } = setUp()
    for (const entry of [2, 2, 2, 9, 1]) batcher.add(entry)
    for (let i = 0; i < 4; i++) {
      await turn()
      answers[i]?.resolve()
    }
    await turn()
    expect(batches).toEqual([[2, 2], [2], [9], [1]])
  })

  it('keeps a batch the database could not take, in order, and tries it again with what has come since', async () => {
    const { batcher, batches, answers, failures, clock } = setUp()
    batcher.add(1)
    batcher.add(2)
    await turn()
    answers[0]?.reject(new Error('away'))
    await turn()
    batcher.add(1)
    await turn()
    expect(batches).toHaveLength(1)
    expect(batcher.oldest()).toBe(1)
    clock.advance(100)
    await turn()
    expect(batches).toEqual([[1, 2], [1, 2, 1]])
    expect(failures).toEqual([1])
    answers[1]?.resolve()
    await turn()
    expect(batcher.oldest()).toBeUndefined()
    expect(clock.pending()).toBe(0)
  })

  it('finishes what is in hand when it is asked to stop', async () => {
    const { batcher, batches, answers } = setUp()
    for (const entry of [3, 3]) batcher.add(entry)
    let drained = false
    const draining = batcher.drain().then(() => (drained = true))
    for (let i = 0; i < 2; i++) {
      await turn()
      expect(drained).toBe(false)
      answers[i]?.resolve()
    }
    await draining
    expect(batches).toEqual([[3], [3]])
  })

  it('does not wait for a database that stays away when it is asked to stop', async () => {
    const { batcher, answers, clock } = setUp()
    batcher.add(1)
    await turn()
    answers[0]?.reject(new Error('away'))
    await turn()
    const draining = batcher.drain()
    await turn()
    answers[1]?.reject(new Error('still away'))
    await draining
    expect(clock.pending()).toBe(0)
    expect(batcher.oldest()).toBe(1)
  })
})

it('keeps its order through takings and puttings back of any size', () => {
  const line = new WaitingLine<number>()
  const out: number[] = []
  let next = 0
  for (let round = 0; round < 400; round++) {
    for (let i = 0; i < round % 97; i++) line.add(next++)
    const taken = line.take(round % 61, () => 1)
    if (round % 3 === 0) line.putBack(taken)
    else out.push(...taken)
  }
  out.push(...line.take(Number.POSITIVE_INFINITY, () => 1))
  expect(out).toEqual(Array.from({ length: next }, (_, i) => i))
})
