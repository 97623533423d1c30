/** Random numbers that are the same in every run. */
export interface Random {
  uniform(): number
  normal(): number
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) }
}

export interface Disturbed {
  readonly samples: readonly number[]
  /** Seconds of the stretch between two moments that were disturbed. */
  disturbedBetween(fromS: number, toS: number): number
}

export interface Disturbance {
  readonly hz: number
  /** Height of the undisturbed pulse, peak to peak. */
  readonly pulseHeight: number
  readonly random: Random
}

const QUIET_S = { first: [5, 25], between: [10, 70] } as const
const LENGTH_S = [3, 12] as const
const HEIGHT = [1, 12] as const
const RHYTHM_HZ = [0.7, 3.2] as const

/** Adds bouts of movement: a random walk and a rhythm in varying parts, 1 to 12 times as high as the pulse, 3 to 12 s long. */
export function addMovement(clean: readonly number[], { hz, pulseHeight, random }: Disturbance): Disturbed {
  const samples = [...clean]
  const within = ([low, high]: readonly [number, number]): number => low + (high - low) * random.uniform()
  const bouts: (readonly [number, number])[] = []
  let t = within(QUIET_S.first)
  while (t < clean.length / hz - LENGTH_S[1]) {
    const length = within(LENGTH_S)
    addBout(samples, Math.round(t * hz), Math.round((t + length) * hz), { hz, random, height: pulseHeight * within(HEIGHT), rhythmHz: within(RHYTHM_HZ) })
    bouts.push([t, t + length])
    t += length + within(QUIET_S.between)
  }
  return { samples, disturbedBetween: (from, to) => bouts.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0) }
}

export interface Noise {
  readonly hz: number
  /** Height of the noise, in the unit of the samples. */
  readonly height: number
  readonly random: Random
}

const TREMOR = { keeps: 0.9, adds: 0.4, share: 0.35 } as const
const WANDER = { keeps: 0.999, adds: 0.06, share: 2 } as const
const EXPOSURE_STEPS_PER_S = 0.05

/** What a badly held finger adds all the time: tremor, pressure that wanders, and steps of the camera's exposure. */
export function addNoise(clean: readonly number[], { hz, height, random }: Noise): number[] {
  let tremor = 0
  let wander = 0
  let exposure = 0
  return clean.map((x) => {
    tremor = TREMOR.keeps * tremor + TREMOR.adds * random.normal()
    wander = WANDER.keeps * (wander + WANDER.adds * random.normal())
    if (random.uniform() < EXPOSURE_STEPS_PER_S / hz) exposure += 2 * random.normal()
    return x + height * (TREMOR.share * tremor + WANDER.share * wander + exposure)
  })
}

interface Bout {
  readonly hz: number
  readonly random: Random
  readonly height: number
  readonly rhythmHz: number
}

function addBout(samples: number[], from: number, to: number, { hz, random, height, rhythmHz }: Bout): void {
  let position = 0
  const walk = Array.from({ length: to - from }, () => (position += random.normal()))
  const mean = walk.reduce((a, b) => a + b, 0) / walk.length
  const spread = Math.sqrt(walk.reduce((a, b) => a + (b - mean) ** 2, 0) / walk.length) || 1
  const walking = random.uniform()
  walk.forEach((w, i) => {
    const rhythm = Math.SQRT2 * Math.sin((2 * Math.PI * rhythmHz * (from + i)) / hz)
    samples[from + i] = (samples[from + i] as number) + height * ((walking * (w - mean)) / spread + (1 - walking) * rhythm)
  })
}
