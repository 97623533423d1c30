import type { NewSavedQuery, SavedQuery, SavedQueryList } from '@vigil/contract'

/** Questions to the history page that a person keeps; nobody sees another's. */
export interface SavedQueries {
  list(accountId: string): Promise<SavedQueryList>
  /** The same name takes the place of the one before. @throws AppError INVALID_REQUEST with too many */
  keep(accountId: string, asked: NewSavedQuery): Promise<SavedQuery>
  /** @throws AppError NOT_FOUND */
  remove(accountId: string, id: string): Promise<void>
}
