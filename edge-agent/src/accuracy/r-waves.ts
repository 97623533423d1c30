import { bandPass, createCascade } from '../signals/maths/biquad.ts'

const BAND_HZ = [5, 20] as const
const ENERGY_S = 0.12
const AROUND_S = 4
const SHARE = 0.3
const REFRACTORY_S = 0.3

/** Times of the R waves of an ECG, seconds: the reference for beats found in a pulse. Band-passed energy over 30 % of its maximum nearby. */
export function findRWaves(ecg: readonly number[], hz: number): number[] {
  const energy = energyOf(ecg, hz)
  const found: number[] = []
  for (let i = 1; i < energy.length - 1; i += 1) {
    const here = energy[i] as number
    if (here <= (energy[i - 1] as number) || here < (energy[i + 1] as number) || here < SHARE * highestAround(energy, i, AROUND_S * hz)) continue
    const last = found.at(-1)
    if (last === undefined || i - last >= REFRACTORY_S * hz) found.push(i)
    else if (here > (energy[last] as number)) found[found.length - 1] = i
  }
  return found.map((i) => i / hz)
}

function energyOf(ecg: readonly number[], hz: number): Float64Array {
  const filter = createCascade(bandPass(...BAND_HZ, hz))
  filter.settle(ecg[0] as number)
  const power = Float64Array.from(ecg, (v) => filter.step(v) ** 2)
  const width = Math.round(ENERGY_S * hz)
  let sum = 0
  return power.map((v, i) => {
    sum += v - (i >= width ? (power[i - width] as number) : 0)
    return sum / width
  })
}

function highestAround(x: Float64Array, at: number, reach: number): number {
  let highest = 0
  for (let i = Math.max(0, at - reach); i < Math.min(x.length, at + reach); i += 1) highest = Math.max(highest, x[i] as number)
  return highest
}
