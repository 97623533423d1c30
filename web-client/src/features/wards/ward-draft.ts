import type { Ward } from '@vigil/contract/api/patients'

/** Most beds a ward is made with. */
export const MOST_BEDS = 200

/** Labels of so many beds: 01, 02 … 12, or 001 … 120, so that they sort as they stand. */
export function labelsUpTo(count: number): string[] {
  const width = Math.max(2, String(count).length)
  return Array.from({ length: count }, (_, i) => String(i + 1).padStart(width, '0'))
}

/** The number after the highest label that is one, written as wide; nothing where labels are words. */
export function nextLabel({ beds }: Pick<Ward, 'beds'>): string {
  const numbered = beds.map(({ label }) => label).filter((label) => /^\d{1,6}$/.test(label))
  if (numbered.length === 0) return beds.length === 0 ? '01' : ''
  const width = Math.max(...numbered.map((label) => label.length))
  return String(Math.max(...numbered.map(Number)) + 1).padStart(width, '0')
}

/** Names of the beds with one of them a place further up (-1) or down (1). */
export function moved({ beds }: Pick<Ward, 'beds'>, bed: string, by: -1 | 1): string[] {
  const ids = beds.map(({ id }) => id)
  const from = ids.indexOf(bed)
  if (from === -1 || ids[from + by] === undefined) return ids
  ids.splice(from + by, 0, ...ids.splice(from, 1))
  return ids
}

/** Whether another bed of the ward is called so. */
export function isLabelTaken({ beds }: Pick<Ward, 'beds'>, label: string, but?: string): boolean {
  return beds.some((bed) => bed.id !== but && bed.label.toLowerCase() === label.trim().toLowerCase())
}
