import { describe, expect, it } from 'vitest'
import { AppError, type HealthAnswer, type HealthImportReport } from '@vigil/contract'
import { digestOf, silentLog, systemClock } from '@vigil/program'
import { createHealthByMqtt } from '../../src/health-data/health-by-mqtt.ts'

const PHONE = '01a1fc58-738d-7aae-a545-f78dafad7e32'
const topic = `vitals/1/health/${PHONE}`
const REPORT: HealthImportReport = { stored: 1, changed: 0, unchanged: 0, kept: 0, refused: 0, refusedBy: {}, refusals: [], warnings: {} }

/** The door before an import that does what a test wants; what it answered, in order. */
function door(take: (text: string) => Promise<HealthImportReport>) {
  const answers: (HealthAnswer & { topic: string })[] = []
  let heard: () => void = () => undefined
  const receive = createHealthByMqtt({
    imports: {
      async takeFromPhone(_id, { body }) {
        let text = ''
        for await (const piece of body) text += Buffer.from(piece).toString()
        return take(text)
      },
    },
    publish: async (to, payload) => {
      answers.push({ topic: to, ...(JSON.parse(payload) as HealthAnswer) })
      heard()
    },
    clock: systemClock,
    log: silentLog,
  })
  const say = (text: string, to = topic) => receive({ topic: to, payload: Buffer.from(text) })
  const answered = (count: number) => new Promise<void>((resolve) => {
    heard = () => answers.length >= count && resolve()
    heard()
  })
  return { say, answers, answered }
}

describe('exports by MQTT', () => {
  it('are read whole, and answered on the phone’s own topic by what they are', async () => {
    const long = 'x'.repeat(200_000)
    const { say, answers, answered } = door(async (text) => (expect(text).toBe(long), REPORT))
    say(long)
    say('another', 'vitals/1/main/board-1/tele')
    await answered(1)
    expect(answers).toEqual([{ topic: `${topic}/answer`, of: digestOf(long), outcome: 'stored', report: REPORT }])
  })

  it.each([
    [new AppError('MALFORMED_JSON', 'No JSON.'), 'refused', 'MALFORMED_JSON'],
    [new AppError('UNAUTHENTICATED', 'Ended.'), 'ended', 'UNAUTHENTICATED'],
    [new AppError('TOO_MANY_REQUESTS', 'Later.'), 'again', 'TOO_MANY_REQUESTS'],
    [new AppError('DATABASE_AWAY', 'Later.'), 'again', 'DATABASE_AWAY'],
    [new Error('a secret of the inside'), 'again', 'INTERNAL'],
  ])('%s is answered with %s', async (error, outcome, code) => {
    const { say, answers, answered } = door(async () => {
      throw error
    })
    say('{}')
    await answered(1)
    expect(answers).toMatchObject([{ outcome, code }])
    expect(JSON.stringify(answers)).not.toMatch(/inside/)
  })

  it('are read one after the other, and one that is said again meanwhile once', async () => {
    const read: string[] = []
    const { say, answers, answered } = door(async (text) => {
      read.push(text)
      await Promise.resolve()
      read.push(`${text} done`)
      return REPORT
    })
    for (const text of ['a', 'b', 'a']) say(text)
    await answered(2)
    expect(read).toEqual(['a', 'a done', 'b', 'b done'])
    say('a')
    await answered(3)
    expect(answers).toHaveLength(3)
  })
})
