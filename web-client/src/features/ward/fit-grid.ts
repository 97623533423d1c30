/** Shape of a grid of beds. */
export interface GridShape {
  readonly columns: number
  readonly rows: number
  /** Height of a row in CSS pixels; undefined when the rows share the height there is. */
  readonly rowHeight: number | undefined
}

/** Width over height a tile looks best at. */
const BEST_ASPECT = 1.45
/** Below this a tile's numbers could not be read: the page then scrolls, as on a phone, but stays one page. */
const LEAST_WIDTH = 150
const LEAST_HEIGHT = 104
const GAP = 6
/** Narrower screens scroll in two columns: fitting every bed would leave nothing for a thumb to hit. */
export const PHONE_WIDTH = 600

/**
 * Columns and rows that give every bed of the ward the largest readable tile on one page. There are no pages to turn: a
 * patient on the second page would be a patient nobody sees.
 */
export function fitGrid(count: number, width: number, height: number): GridShape {
  const beds = Math.max(1, count)
  if (width > 0 && width < PHONE_WIDTH) return scrolled(beds, 2, width)
  const most = Math.max(1, Math.floor((width + GAP) / (LEAST_WIDTH + GAP)))
  let best = { columns: 1, rows: beds, score: 0 }
  for (let columns = 1; columns <= Math.min(beds, most); columns++) {
    const rows = Math.ceil(beds / columns)
    const tileWidth = (width - GAP * (columns - 1)) / columns
    const tileHeight = Math.max(LEAST_HEIGHT, (height - GAP * (rows - 1)) / rows)
    const score = Math.min(tileWidth / BEST_ASPECT, tileHeight)
    if (score > best.score) best = { columns, rows, score }
  }
  const fits = (height - GAP * (best.rows - 1)) / best.rows >= LEAST_HEIGHT
  return fits ? { columns: best.columns, rows: best.rows, rowHeight: undefined } : scrolled(beds, most, width)
}

/** Height over width of a tile on a screen too narrow for all beds: its small values stand in two rows. */
const NARROW_ASPECT = 1.08

/** Too many beds for this screen, as on a phone: as many columns as are readable, and scrolling. */
function scrolled(beds: number, most: number, width: number): GridShape {
  const columns = Math.min(beds, most)
  const tileWidth = (width - GAP * (columns - 1)) / columns
  return { columns, rows: Math.ceil(beds / columns), rowHeight: Math.max(LEAST_HEIGHT, Math.round(tileWidth * NARROW_ASPECT)) }
}
