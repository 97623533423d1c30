/** Cap height that is read without effort: 20 minutes of arc. */
const ARC = Math.tan((20 / 60) * (Math.PI / 180))
/** Cap height over font size of the faces this app asks for. */
const CAP_SHARE = 0.705
const MM_PER_INCH = 25.4

/** Where a wall hangs: how far it is read from, and how large the screen is. */
export interface WallPlace {
  /** Metres. */
  readonly distance: number
  /** Diagonal of the screen. */
  readonly inches: number
}

export interface ScreenPixels {
  readonly width: number
  readonly height: number
}

/** Millimetres of one CSS pixel. */
const pitchMm = (inches: number, { width, height }: ScreenPixels): number => (inches * MM_PER_INCH) / Math.hypot(width, height)

/** Font size in CSS pixels of numbers that are read from there. */
export function neededPx({ distance, inches }: WallPlace, screen: ScreenPixels): number {
  return Math.round((distance * 1_000 * ARC) / pitchMm(inches, screen) / CAP_SHARE)
}

/** Metres from which numbers of this font size are read, rounded down to a tenth. */
export function readableFrom(fontPx: number, inches: number, screen: ScreenPixels): number {
  return Math.floor((fontPx * CAP_SHARE * pitchMm(inches, screen)) / (1_000 * ARC) * 10) / 10
}

export const LEAST_INCHES = 5
export const MOST_INCHES = 120
export const MOST_METRES = 20

/** As an address or a setting says it; `undefined` for what is no place. */
export function readPlace(distance: unknown, inches: unknown): WallPlace | undefined {
  const place = { distance: Number(distance), inches: Number(inches) }
  const fits = place.distance > 0 && place.distance <= MOST_METRES && place.inches >= LEAST_INCHES && place.inches <= MOST_INCHES
  return fits ? place : undefined
}
