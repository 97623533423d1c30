import { nextTick, ref, type Ref } from 'vue'

/** Where an arrow key leads on a grid of `count` cells in `columns` columns; the edge is the end. */
export function nextCell(key: string, at: number, count: number, columns: number): number | undefined {
  const inside = (cell: number) => (cell >= 0 && cell < count ? cell : undefined)
  switch (key) {
    case 'ArrowRight': return inside(at + 1)
    case 'ArrowLeft': return inside(at - 1)
    case 'ArrowDown': return inside(at + columns)
    case 'ArrowUp': return inside(at - columns)
    case 'Home': return 0
    case 'End': return count - 1
    default: return undefined
  }
}

/** Roving tabindex: the grid is one tab stop, the arrow keys move within it. Cells carry `data-cell="n"`. */
export function useRovingGrid(grid: Ref<HTMLElement | null>, count: () => number, columns: () => number) {
  const current = ref(0)

  function onKeydown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const next = nextCell(event.key, current.value, count(), columns())
    if (next === undefined) return
    event.preventDefault()
    current.value = next
    void nextTick(() => grid.value?.querySelector<HTMLElement>(`[data-cell="${next}"]`)?.focus())
  }

  /** Focus by mouse or touch moves the tab stop too. */
  function onFocusin(event: FocusEvent): void {
    const cell = (event.target as HTMLElement).closest<HTMLElement>('[data-cell]')?.dataset['cell']
    if (cell !== undefined) current.value = Number(cell)
  }

  return { current, onKeydown, onFocusin }
}
