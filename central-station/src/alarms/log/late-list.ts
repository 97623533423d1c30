import type { ReviewItem, ReviewList, WardScope } from '@vigil/contract'

/** What crossed a limit in data that came late, until somebody has seen it. */
export interface LateList {
  unseen(filter: { readonly ward?: string | undefined; readonly stay?: string | undefined }, wards: WardScope): Promise<ReviewList>
  /** @throws AppError NOT_FOUND */
  seen(id: string, by: string): Promise<ReviewItem>
}
