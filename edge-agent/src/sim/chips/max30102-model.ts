/** What the settings of a MAX30102 mean, from its datasheet; written apart from the driver so that one checks the other. */
export const Register = {
  INTERRUPT_STATUS_1: 0x00,
  INTERRUPT_STATUS_2: 0x01,
  INTERRUPT_ENABLE_1: 0x02,
  INTERRUPT_ENABLE_2: 0x03,
  FIFO_WR_PTR: 0x04,
  OVF_COUNTER: 0x05,
  FIFO_RD_PTR: 0x06,
  FIFO_DATA: 0x07,
  FIFO_CONFIG: 0x08,
  MODE_CONFIG: 0x09,
  SPO2_CONFIG: 0x0a,
  LED1: 0x0c,
  LED2: 0x0d,
  LED3: 0x0e,
  MULTI_LED_12: 0x11,
  MULTI_LED_34: 0x12,
  DIE_TEMP_INTEGER: 0x1f,
  DIE_TEMP_FRACTION: 0x20,
  DIE_TEMP_CONFIG: 0x21,
  REVISION_ID: 0xfe,
  PART_ID: 0xff,
} as const

export const Status1 = { A_FULL: 0x80, PPG_RDY: 0x40, ALC_OVF: 0x20, PWR_RDY: 0x01 } as const
export const Status2 = { DIE_TEMP_RDY: 0x02 } as const

export const readOnly: ReadonlySet<number> = new Set([
  Register.INTERRUPT_STATUS_1,
  Register.INTERRUPT_STATUS_2,
  Register.DIE_TEMP_INTEGER,
  Register.DIE_TEMP_FRACTION,
  Register.REVISION_ID,
  Register.PART_ID,
])

const sampleRatesHz = [50, 100, 200, 400, 800, 1_000, 1_600, 3_200] as const
/** Highest rate for each pulse width (69, 118, 215, 411 µs) with one LED and with two. */
const highestRateHz = { one: [3_200, 1_600, 1_600, 1_000], two: [1_600, 1_000, 800, 400] } as const
const resolutionBits = [15, 16, 17, 18] as const
const averages = [1, 2, 4, 8, 16, 32, 32, 32] as const
const Mode = { HEART_RATE: 2, SPO2: 3, MULTI_LED: 7 } as const

/** Which LED: red, infrared, green. */
export type Slot = 1 | 2 | 3

type Registers = Readonly<Uint8Array>

const at = (registers: Registers, register: number): number => registers[register] ?? 0

/** The LEDs lit in turn for one sample: heart-rate mode lights the red one only. */
export function slotsOf(registers: Registers, leds: 2 | 3 = 2): readonly Slot[] {
  const mode = at(registers, Register.MODE_CONFIG) & 7
  if (mode === Mode.HEART_RATE) return [1]
  if (mode === Mode.SPO2) return [1, 2]
  if (mode !== Mode.MULTI_LED) return []
  const pair = (register: number): number[] => [at(registers, register) & 7, (at(registers, register) >> 4) & 7]
  return [...pair(Register.MULTI_LED_12), ...pair(Register.MULTI_LED_34)].filter((slot): slot is Slot => slot >= 1 && slot <= leds)
}

/** SPO2_CONFIG with its rate lowered to what the pulse width and the number of LEDs allow. */
export function allowedSampleRate(registers: Registers): number {
  const config = at(registers, Register.SPO2_CONFIG)
  const highest = highestRateHz[slotsOf(registers).length > 1 ? 'two' : 'one'][config & 3] ?? 50
  const asked = (config >> 2) & 7
  const allowed = sampleRatesHz.findLastIndex((rate, i) => i <= asked && rate <= highest)
  return (config & ~0x1c) | (allowed << 2)
}

export interface Averaging {
  /** Conversions in one output sample. */
  readonly conversions: number
  /** Output samples a second. */
  readonly rateHz: number
  readonly shutDown: boolean
}

export function averageOf(registers: Registers): Averaging {
  const conversions = averages[at(registers, Register.FIFO_CONFIG) >> 5] ?? 1
  const rate = sampleRatesHz[(at(registers, Register.SPO2_CONFIG) >> 2) & 7] ?? 50
  return { conversions, rateHz: rate / conversions, shutDown: (at(registers, Register.MODE_CONFIG) & 0x80) !== 0 }
}

export const fullScaleNa = (registers: Registers): number => 2_048 << ((at(registers, Register.SPO2_CONFIG) >> 5) & 3)

/** Left-justified: a coarser conversion leaves its lowest bits zero. */
export const resolutionMask = (registers: Registers): number => 0x3ffff & ~((1 << (18 - (resolutionBits[at(registers, Register.SPO2_CONFIG) & 3] ?? 18))) - 1)
