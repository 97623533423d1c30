/** What is made to go wrong with a simulated patient, on top of the recordings; `tS` is seconds since the board's start. */
export interface Disturbance {
  /** SpO2 in per cent instead of the usual one. */
  saturation(usual: number, tS: number): number
  /** 1: breathes as recorded, 0: holds the breath at the mean pressure. */
  breathing(tS: number): number
  /** Added to the body's temperature, Cel. */
  feverCel(tS: number): number
}

export const undisturbed: Disturbance = { saturation: (usual) => usual, breathing: () => 1, feverCel: () => 0 }
