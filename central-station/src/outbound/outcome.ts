/**
 * What became of one try. `away`: the target cannot be reached, and all its line waits. `later`: this one was not taken now, the
 * others go on. `never`: the same bytes will not be taken.
 */
export type Outcome = { readonly kind: 'delivered' } | { readonly kind: 'away' | 'later' | 'never'; readonly why: string }

export const delivered: Outcome = { kind: 'delivered' }
