import type { Ward } from '@vigil/contract/api/patients'

/** What people call a bed, for lists that know ids alone; the id where the wards do not say. */
export function bedLabel(wards: readonly Pick<Ward, 'beds'>[] | undefined, id: string): string {
  return wards?.flatMap(({ beds }) => beds).find((bed) => bed.id === id)?.label ?? id
}

/** The same of a ward. */
export function wardLabel(wards: readonly Pick<Ward, 'id' | 'name'>[] | undefined, id: string): string {
  return wards?.find((ward) => ward.id === id)?.name ?? id
}
