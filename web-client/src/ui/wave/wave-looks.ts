/** How the traces of a patient are drawn, live and out of the record alike. */
export interface WaveLook {
  readonly channel: 'pleth_ir' | 'paw'
  /** Catalogue key of its name. */
  readonly says: 'wave.pleth' | 'wave.paw'
  readonly ink: string
  readonly tone: string
  readonly mmPerSecond: number
}

export const plethLook: WaveLook = { channel: 'pleth_ir', says: 'wave.pleth', ink: '--oxygen', tone: 'sig-oxygen', mmPerSecond: 25 }
export const pawLook: WaveLook = { channel: 'paw', says: 'wave.paw', ink: '--pressure', tone: 'sig-pressure', mmPerSecond: 6.25 }

/** The scale of airway pressure with this top, cmH₂O. */
export const pawScale = (top: number) => ({ low: top === 10 ? -2 : -5, high: top, unit: 'cmH₂O' })
