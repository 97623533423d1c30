/** Something that happened beside the numbers: an alarm, or a note somebody wrote. */
export interface ChartMark {
  readonly kind: 'alarm' | 'note'
  readonly fromMs: number
  /** A stretch; a moment when absent. */
  readonly toMs?: number | undefined
  /** What a table says in the row of that time. */
  readonly says: string
}

/** Marks that begin in a row of the table twin: from its time until the next row's bucket begins. */
export function marksOfRow(marks: readonly ChartMark[], tMs: number, bucketMs: number): ChartMark[] {
  return marks.filter((mark) => mark.fromMs >= tMs && mark.fromMs < tMs + bucketMs)
}

/** Rows' times of marks that fall where nothing was recorded, so that no note is lost in a gap. */
export function marksWithoutRow(marks: readonly ChartMark[], times: readonly number[], bucketMs: number): ChartMark[] {
  return marks.filter((mark) => !times.some((tMs) => mark.fromMs >= tMs && mark.fromMs < tMs + bucketMs))
}
