import type { I2cBus } from './i2c.ts'

export interface OpenedBus {
  readonly bus: I2cBus
  /** What feeds emulated sensors; `undefined` on real ones. */
  readonly note: string | undefined
  /** What is on an emulated bus, when it was chosen: then nothing needs to be confirmed by a person. */
  readonly sensors: readonly { readonly model: string; readonly address: number; readonly options?: Readonly<Record<string, number>> }[] | undefined
}
