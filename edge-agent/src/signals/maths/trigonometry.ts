// The language leaves the last bit of Math.sin and Math.tan to the engine. Filters designed with these series come out
// the same on every engine, so a recording gives the same numbers on a server, on a Pi and on an ESP.
const HALF_PI = Math.PI / 2

/** Sine of an angle in radians, for |x| <= 2 pi; error below 1e-15. */
export function sine(x: number): number {
  const turns = Math.round(x / Math.PI)
  const r = x - turns * Math.PI
  let term = r
  let sum = r
  for (let n = 2; n <= 22; n += 2) {
    term *= (-r * r) / (n * (n + 1))
    sum += term
  }
  return turns % 2 === 0 ? sum : -sum
}

export function cosine(x: number): number {
  return sine(x + HALF_PI)
}

export function tangent(x: number): number {
  return sine(x) / cosine(x)
}
