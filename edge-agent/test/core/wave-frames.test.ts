import { describe, expect, it } from 'vitest'
import { decodeWaveFrame, WAVE_GAP, waveValues, type WaveFrame } from '@vigil/contract'
import { waveFramer } from '../../src/core/wave-frames.ts'
import { createWaves } from '../../src/core/waves.ts'
import type { BlockReading, Channel } from '../../src/sensors/reading.ts'

const START = 1_772_362_800_000

function framer(options: { hz?: number; step?: number; wallTimeAt?: (ms: number) => number | undefined } = {}) {
  const frames: WaveFrame[] = []
  const wave = waveFramer({ channel: 'paw', hz: 25, step: 0.001, wallTimeAt: (ms) => START + ms, send: (_channel, bytes) => frames.push(decodeWaveFrame(bytes) as WaveFrame), ...options })
  return { wave, frames }
}

describe('a waveform', () => {
  it('goes out in frames of a second that follow each other without overlap', () => {
    const { wave, frames } = framer()
    for (let i = 0; i < 101; i++) wave.push(1_000 + i * 40, Math.sin(i / 5))
    expect(frames.map(({ seq, t0Us, hz, samples }) => [seq, t0Us, hz, samples.length])).toEqual([1, 2, 3, 4].map((n) => [n, (START + n * 1_000) * 1_000, 25, 25]))
    const values = frames.flatMap((frame) => [...waveValues(frame)])
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(Math.sin(i / 5), 2)
  })

  it('keeps its shape when readings come some milliseconds early or late', () => {
    const { wave, frames } = framer()
    for (let i = 0; i < 101; i++) wave.push(1_000 + i * 40 + (i % 3 === 1 ? 19 : i % 3 === 2 ? 21 : 0), 10)
    expect(frames).toHaveLength(4)
    for (const frame of frames) expect([...frame.samples]).not.toContain(WAVE_GAP)
  })

  it('shows a gap where samples are missing, and begins anew after a pause', () => {
    const { wave, frames } = framer()
    for (let i = 0; i < 25; i++) if (i < 5 || i > 9) wave.push(i * 40, 1)
    wave.push(10_007, 1)
    expect([...(frames[0]?.samples ?? [])].filter((x) => x === WAVE_GAP)).toHaveLength(5)
    for (let i = 1; i < 26; i++) wave.push(10_007 + i * 40, 1)
    expect(frames[1]?.t0Us).toBe((START + 10_007) * 1_000)
  })

  it('tells a wide range in coarser steps rather than cutting it off', () => {
    const { wave, frames } = framer({ step: 1 })
    for (let i = 0; i < 26; i++) wave.push(i * 40, i % 2 === 0 ? 0 : 262_143)
    const values = frames.flatMap((frame) => [...waveValues(frame)])
    expect(Math.max(...values)).toBeCloseTo(262_143, -2)
    expect(Math.min(...values)).toBeCloseTo(0, -2)
  })

  it('is not sent while nobody knows the time: it could not be drawn by it', () => {
    const { wave, frames } = framer({ wallTimeAt: () => undefined })
    for (let i = 0; i < 60; i++) wave.push(i * 40, 1)
    expect(frames).toEqual([])
  })
})

describe('what is drawn', () => {
  const block = (channel: Channel, t0Ms: number, values: number[]): BlockReading => ({ kind: 'block', channel, hz: 25, t0Ms, values: Float32Array.from(values) })
  const drawn = () => {
    const sent: [string, WaveFrame][] = []
    return { sent, waves: createWaves({ nowMs: () => 0, wallTimeAt: (ms) => START + ms, send: (channel, bytes) => sent.push([channel, decodeWaveFrame(bytes) as WaveFrame]) }) }
  }

  it('is the pleth with systole upwards: less light is more blood', () => {
    const { sent, waves } = drawn()
    waves.push(block('ir', 0, Array.from({ length: 26 }, (_, i) => 130_000 - 10 * i)))
    const [channel, frame] = sent[0] ?? []
    expect(channel).toBe('pleth_ir')
    const values = frame ? [...waveValues(frame)] : []
    expect((values[24] ?? 0) - (values[0] ?? 0)).toBeCloseTo(240, 0)
  })

  it('is the mask pressure over that of the room, and nothing without the room', () => {
    const { sent, waves } = drawn()
    for (let i = 0; i < 30; i++) waves.push(block('mask_pressure', i * 40, [101_325 + 980.665]))
    expect(sent).toEqual([])
    for (let i = 30; i < 90; i++) {
      waves.push(block('ambient_pressure', i * 40, [101_325]))
      waves.push(block('mask_pressure', i * 40, [101_325 + 980.665]))
    }
    expect(sent.length).toBeGreaterThan(0)
    expect(sent[0]?.[0]).toBe('paw')
    for (const [, frame] of sent) for (const value of waveValues(frame)) expect(value).toBeCloseTo(10, 3)
  })
})
