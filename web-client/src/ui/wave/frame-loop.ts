import type { Stop } from '@vigil/contract/clock'

const drawing = new Set<(timeMs: number) => void>()
let frame: number | undefined

function step(timeMs: number): void {
  frame = requestAnimationFrame(step)
  for (const draw of drawing) draw(timeMs)
}

/** Calls `draw` with each picture of the screen, until stopped. All traces of the page share one loop; without traces there is none. */
export function everyFrame(draw: (timeMs: number) => void): Stop {
  drawing.add(draw)
  frame ??= requestAnimationFrame(step)
  return () => {
    drawing.delete(draw)
    if (drawing.size > 0 || frame === undefined) return
    cancelAnimationFrame(frame)
    frame = undefined
  }
}
