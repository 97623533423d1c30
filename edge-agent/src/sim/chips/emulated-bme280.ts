import { EmulatedBmp280, type EmulatedBmp280Options } from './emulated-bmp280.ts'

export interface EmulatedBme280Options extends EmulatedBmp280Options {
  /** Relative humidity in per cent, at a time of `clock.monotonic()`. */
  readonly humidityPercent: (atMs: number) => number
}

const Register = { H1: 0xa1, FROM_H2: 0xe1, CTRL_HUM: 0xf2, CTRL_MEAS: 0xf4, PRESSURE: 0xf7, HUMIDITY: 0xfd } as const
const SKIPPED = 0x8000
const PRESSURE_SKIPPED = 0x80
const HUMIDITY_MS = 2.5

/** Typical trimming values, as the maker burns them in. */
const trimming = { h1: 75n, h2: 355n, h3: 0n, h4: 340n, h5: 50n, h6: 30n } as const
const trimmingBytes = [355 & 0xff, 355 >> 8, 0, 340 >> 4, (340 & 0x0f) | ((50 & 0x0f) << 4), 50 >> 4, 30] as const

/** BME280: a BMP280 with humidity, whose oversampling is taken over when CTRL_MEAS is written. */
export class EmulatedBme280 extends EmulatedBmp280 {
  protected override readonly chipId = 0x60
  readonly #options: EmulatedBme280Options
  #written = 0
  #inUse = 0

  constructor(options: EmulatedBme280Options) {
    super(options)
    this.#options = options
  }

  override powerCycle(): void {
    super.powerCycle()
    // The base class starts itself before the fields below exist.
    if (!(#inUse in this)) return
    this.#written = 0
    this.#inUse = 0
  }

  protected override furtherMs(): number {
    return #inUse in this && this.#inUse !== 0 ? HUMIDITY_MS : 0
  }

  protected override readRegister(register: number): number {
    if (register === Register.H1) return Number(trimming.h1)
    if (register >= Register.FROM_H2 && register < Register.FROM_H2 + trimmingBytes.length) return trimmingBytes[register - Register.FROM_H2] ?? 0
    if (register === Register.CTRL_HUM) return this.#written
    if (register === Register.HUMIDITY) return this.#humidity() >> 8
    if (register === Register.HUMIDITY + 1) return this.#humidity() & 0xff
    return super.readRegister(register)
  }

  protected override writeRegister(register: number, value: number): void {
    if (register === Register.CTRL_HUM) this.#written = value & 7
    if (register === Register.CTRL_MEAS) this.#inUse = this.#written
    super.writeRegister(register, value)
  }

  #humidity(): number {
    const converted = super.readRegister(Register.PRESSURE) !== PRESSURE_SKIPPED || super.readRegister(Register.PRESSURE + 1) !== 0
    if (!converted || this.#inUse === 0) return SKIPPED
    const nowMs = this.clock.monotonic()
    return rawHumidityFor(this.#options.humidityPercent(nowMs), this.#options.temperatureCel(nowMs))
  }
}

/**
 * The raw value for which the datasheet's 32-bit integer formula (section 4.2.3) gives the humidity, found by halving. The driver
 * uses the floating-point formula, so each checks the other.
 */
export function rawHumidityFor(percent: number, cel: number): number {
  const fine = BigInt(Math.round(cel * 5_120))
  let low = 0
  let high = 0xffff
  while (low < high) {
    const middle = (low + high) >> 1
    if (percentQ10(BigInt(middle), fine) < percent * 1_024) low = middle + 1
    else high = middle
  }
  return low
}

function percentQ10(raw: bigint, fine: bigint): number {
  const { h1, h2, h3, h4, h5, h6 } = trimming
  const warm = fine - 76_800n
  const gain = ((((((warm * h6) >> 10n) * (((warm * h3) >> 11n) + 32_768n)) >> 10n) + 2_097_152n) * h2 + 8_192n) >> 14n
  const linear = (((raw << 14n) - (h4 << 20n) - h5 * warm + 16_384n) >> 15n) * gain
  const bent = linear - (((((linear >> 15n) * (linear >> 15n)) >> 7n) * h1) >> 4n)
  return Number(bent >> 12n)
}
