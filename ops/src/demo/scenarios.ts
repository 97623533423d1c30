import { AppError, type Clock, DEMO_COMMAND, type DemoScenario, demoSeconds, type Stop } from '@vigil/contract'
import { defineCommand, type CommandHandler, type Disturbance, type SimulatedBoard } from '@vigil/edge-agent'

export interface ScenarioOptions {
  readonly clock: Clock
  /** The patient's own temperature, Cel. */
  readonly baseTempCel: number
  /** Without a mask nobody counts breaths. */
  readonly hasMask: boolean
  /** Cuts the whole demo ward off its broker for so long; absent where that cannot be played. */
  readonly cutBroker?: ((forMs: number) => void) | undefined
}

/** One simulated patient's troubles: the disturbance its sensors see, and the command that begins one. */
export interface ScenarioPlayer {
  readonly disturbance: Disturbance
  readonly command: CommandHandler
  /** The board whose finger clip comes off. */
  attach(board: Pick<SimulatedBoard, 'chips'>): void
}

interface Playing {
  readonly scenario: DemoScenario
  readonly fromS: number
  readonly toS: number
}

// Below the usual limit of 90 %, above the desaturation limit of 80 %.
const LOW_SPO2 = 84
const FEVER_CEL = 39.7
/** How long each takes to come and to go; a body does nothing at once. */
const RAMP_S: Readonly<Partial<Record<DemoScenario, number>>> = { desaturation: 10, apnoea: 1, fever: 40 }
/** The answer must be out before the network is gone. */
const CUT_AFTER_MS = 1_500

export function createScenarioPlayer({ clock, baseTempCel, hasMask, cutBroker }: ScenarioOptions): ScenarioPlayer {
  const startMs = clock.monotonic()
  let playing: Playing | undefined
  let board: Pick<SimulatedBoard, 'chips'> | undefined
  let stopEnding: Stop = () => {}

  /** 0: as usual, 1: fully there. */
  const depth = (scenario: DemoScenario, tS: number): number => {
    if (playing?.scenario !== scenario) return 0
    const ramp = RAMP_S[scenario] ?? 1
    return Math.max(0, Math.min(1, (tS - playing.fromS) / ramp, (playing.toS - tS) / ramp))
  }

  const end = (): void => {
    stopEnding()
    if (playing?.scenario === 'probe_off') board?.chips.oximeter.placeFinger()
    playing = undefined
  }

  function play(scenario: DemoScenario, seconds: number): void {
    end()
    if (scenario === 'calm') return
    const fromS = (clock.monotonic() - startMs) / 1_000
    playing = { scenario, fromS, toS: fromS + seconds }
    if (scenario === 'probe_off') board?.chips.oximeter.removeFinger()
    if (scenario === 'broker_down') clock.after(CUT_AFTER_MS, () => cutBroker?.(seconds * 1_000))
    stopEnding = clock.after(seconds * 1_000, end)
  }

  const offered: DemoScenario[] = ['desaturation', ...(hasMask ? (['apnoea'] as const) : []), 'fever', 'probe_off', ...(cutBroker ? (['broker_down'] as const) : []), 'calm']
  return {
    disturbance: {
      saturation: (usual, tS) => usual + depth('desaturation', tS) * (Math.min(LOW_SPO2, usual) - usual),
      breathing: (tS) => 1 - depth('apnoea', tS),
      feverCel: (tS) => depth('fever', tS) * (FEVER_CEL - baseTempCel),
    },
    command: defineCommand({
      name: DEMO_COMMAND,
      risk: 'low',
      properties: { scenario: { type: 'string', enum: offered, description: 'DEMO: what the simulated patient does' }, seconds: { type: 'integer', minimum: 5, maximum: 600, description: 'Seconds' } },
      required: ['scenario'],
      async run(args) {
        const scenario = offered.find((one) => one === args['scenario'])
        if (!scenario) throw new AppError('INVALID_REQUEST', `This board cannot play ${String(args['scenario'])}.`)
        const seconds = typeof args['seconds'] === 'number' ? args['seconds'] : demoSeconds[scenario]
        play(scenario, seconds)
        return { scenario, seconds }
      },
    }),
    attach: (fitted) => {
      board = fitted
    },
  }
}
