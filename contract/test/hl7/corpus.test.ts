import { describe, expect, it } from 'vitest'
import { controlIdBytes, type Message, readObservations, readSourceAlarms } from '../../src/hl7/index.ts'
import { type Baseline, baseline, bytesOf, messagesOf, publicFiles, readings } from './corpus.ts'

const context = { offsetMinutes: 0, givenFirst: false, receivedMs: 0 }
const files = publicFiles()

describe('public messages of other projects', () => {
  it('are all read or refused with a reason, never with an exception', () => {
    const reasons = new Map<string, number>()
    for (const { file } of files) {
      for (const reading of readings(bytesOf(file))) {
        const outcome = reading.ok ? 'read' : reading.why
        reasons.set(outcome, (reasons.get(outcome) ?? 0) + 1)
        if (reading.ok) void [readObservations(reading.message, context), readSourceAlarms(reading.message, context)]
      }
    }
    expect((reasons.get('read') ?? 0) / [...reasons.values()].reduce((a, b) => a + b, 0)).toBeGreaterThan(0.95)
    expect([...reasons.keys()].sort()).toEqual(['delimiters', 'no-header', 'read', 'several-headers'])
  })

  it('have the control ids and observation rows that python-hl7 finds', () => {
    expect(disagreements(baseline('baseline-python-hl7.json'))).toEqual(knownDifferences)
  })
})

/** Each with its reason; a new one fails the test. */
const knownDifferences: readonly string[] = [
  // Four messages in one frame without a batch header: which one an answer would mean cannot be known, so all are refused.
  'cosyte-hl7-inline/conformance.property.test-069.hl7: 0 rows, not 1',
]

function disagreements(byFile: Readonly<Record<string, Baseline>>): readonly string[] {
  return files.flatMap(({ file }) => {
    const theirs = byFile[file]
    if (!theirs?.ok || !Array.isArray(theirs.obx)) return []
    const bytes = bytesOf(file)
    const messages = readings(bytes).flatMap((reading) => (reading.ok ? [reading.message] : []))
    const ours = messages.flatMap(rowsOf).length
    const id = controlIdBytes(messagesOf(bytes)[0] ?? bytes)
    const theirRows = theirs.obx.length
    return [...(ours === theirRows ? [] : [`${file}: ${ours} rows, not ${theirRows}`]), ...(theirs.cid === undefined || theirs.cid === null || theirs.cid === id || /[^ -~]/.test(theirs.cid) ? [] : [`${file}: id ${id}, not ${theirs.cid}`])]
  })
}

function rowsOf(message: Message): readonly unknown[] {
  return message.segments.filter(({ name }) => name === 'OBX')
}
