import { tangent } from './trigonometry.ts'

/** Second-order section, a0 = 1: y = b0 x + b1 x' + b2 x'' - a1 y' - a2 y''. */
export interface Section {
  readonly b0: number
  readonly b1: number
  readonly b2: number
  readonly a1: number
  readonly a2: number
}

/** Several sections one behind the other, with their memory. */
export interface Cascade {
  step(x: number): number
  /** Settles as if `x` had been there for ever, so that a filter starts without a transient. */
  settle(x: number): void
}

const BUTTERWORTH_2 = [Math.SQRT1_2] as const
// 1 / (2 cos(pi/8)) and 1 / (2 cos(3 pi/8)): the pole pairs of order four.
const BUTTERWORTH_4 = [0.541196100146197, 1.3065629648763766] as const

type Order = 2 | 4

/** Butterworth low-pass by the bilinear transform, corner pre-warped. Frequencies in Hz. */
export function lowPass(cornerHz: number, hz: number, order: Order = 2): Section[] {
  const k = tangent((Math.PI * cornerHz) / hz)
  return (order === 2 ? BUTTERWORTH_2 : BUTTERWORTH_4).map((q) => {
    const scale = 1 / (1 + k / q + k * k)
    const b = k * k * scale
    return { b0: b, b1: 2 * b, b2: b, a1: 2 * (k * k - 1) * scale, a2: (1 - k / q + k * k) * scale }
  })
}

/** Butterworth high-pass by the bilinear transform, corner pre-warped. Frequencies in Hz. */
export function highPass(cornerHz: number, hz: number, order: Order = 2): Section[] {
  const k = tangent((Math.PI * cornerHz) / hz)
  return (order === 2 ? BUTTERWORTH_2 : BUTTERWORTH_4).map((q) => {
    const scale = 1 / (1 + k / q + k * k)
    return { b0: scale, b1: -2 * scale, b2: scale, a1: 2 * (k * k - 1) * scale, a2: (1 - k / q + k * k) * scale }
  })
}

/** High-pass and low-pass of the same order in series; for a band this wide that is the band-pass. */
export function bandPass(fromHz: number, toHz: number, hz: number, order: Order = 2): Section[] {
  return [...highPass(fromHz, hz, order), ...lowPass(toHz, hz, order)]
}

export function createCascade(sections: readonly Section[]): Cascade {
  const memory = new Float64Array(2 * sections.length)
  return {
    step(x) {
      let v = x
      for (let i = 0; i < sections.length; i += 1) {
        const s = sections[i] as Section
        const y = s.b0 * v + (memory[2 * i] as number)
        memory[2 * i] = s.b1 * v - s.a1 * y + (memory[2 * i + 1] as number)
        memory[2 * i + 1] = s.b2 * v - s.a2 * y
        v = y
      }
      return v
    },
    settle(x) {
      let v = x
      for (let i = 0; i < sections.length; i += 1) {
        const s = sections[i] as Section
        const y = (v * (s.b0 + s.b1 + s.b2)) / (1 + s.a1 + s.a2)
        memory[2 * i] = y - s.b0 * v
        memory[2 * i + 1] = s.b2 * v - s.a2 * y
        v = y
      }
    },
  }
}
