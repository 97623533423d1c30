import { describe, expect, it } from 'vitest'
import { readReplay } from '../../src/sim/replay-file.ts'

const HZ = 25
/** Ten seconds of infrared light. @param row changes the row of a sample, or leaves it out */
const recording = (row: (i: number, text: string) => string | undefined = (_, text) => text, header = 't,ir') =>
  [header, ...Array.from({ length: 10 * HZ }, (_, i) => row(i, `${(i / HZ).toFixed(2)},${130_000 + (i % 20)}`)).filter((text) => text !== undefined)].join('\n')

describe('a recording to be replayed', () => {
  it('tells its pace and how long it is; an empty cell takes the value before it', () => {
    const { hz, seconds, columns } = readReplay(recording((i, text) => (i === 3 ? '0.12,' : text)))
    expect([hz, seconds]).toEqual([25, expect.closeTo(10, 5)])
    expect([...(columns.ir?.slice(0, 5) ?? [])]).toEqual([130_000, 130_001, 130_002, 130_002, 130_004])
  })

  it('may be as slow as it likes when it is of a thermometer', () => {
    expect(readReplay('t,temp\n0,36.8\n10,36.9\n20,37')).toMatchObject({ hz: 0.1, seconds: 30 })
  })

  // Words were taken for the value before them, holes were played as if there were none, two rows as a recording.
  it.each([
    ['a word among the numbers', recording((i, text) => (i === 7 ? '0.28,off' : text)), 'has "off" as ir in sample 8'],
    ['a time that is none', recording((i, text) => (i === 7 ? 'late,5' : text)), 'has "late" as t in sample 8'],
    ['a hole', recording((i, text) => (i > 50 && i < 60 ? undefined : text)), 'is not evenly spaced: from t 2 to 2.4 are 0.4 s, elsewhere 0.04'],
    ['times that stand still', recording((_, text) => text.replace(/^[^,]+/, '1')), 'has times that do not run forward'],
    ['two rows', 't,ir\n0,1\n0.04,2', 'holds 0.1 s; it takes at least 5'],
    ['a pulse once a second', recording(undefined).replaceAll(/^(\d+)\.(\d+),/gm, (_, s: string, c: string) => `${Number(s) * 100 + Number(c)},`), 'has 0.3 samples a second; a pulse or a breath needs 12'],
    ['no time', recording(undefined, 'time,ir'), 'needs a column t'],
    ['nothing but a header', 't,ir', 'holds no samples'],
    ['nothing known', recording(undefined, 't,hr'), 'has none of the columns'],
    ['red light alone', recording(undefined, 't,red'), 'has red light without infrared'],
  ])('is refused with a sentence: %s', (_, csv, sentence) => {
    expect(() => readReplay(csv)).toThrow(sentence)
  })
})
