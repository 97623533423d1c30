import type { Clock, News2Now } from '@vigil/contract'
import type { AlarmBook } from '@vigil/contract/alarms'
import { news2View } from '../alarm-view.ts'
import type { Stations } from '../place/stations.ts'

/** NEWS2 of every stay a book watches; stations are told what changes. */
export interface News2Scores {
  /** Of a subject, where it has one. */
  readonly of: (key: string) => News2Now | undefined
  /** Scores everybody anew. */
  readonly tell: () => void
}

export function createNews2Scores({ book, stations, clock }: { book: AlarmBook; stations: Stations; clock: Clock }): News2Scores {
  const told = new Map<string, string>()
  const of = (key: string): News2Now | undefined => {
    const score = book.news2(key)
    const watched = book.watched(key)
    // A child has no NEWS2: no score is better than a wrong one.
    return score && watched?.limits?.news2 ? news2View(score, watched.news2Scale ?? 1, clock.now()) : undefined
  }
  return {
    of,
    tell() {
      book.score(clock.now())
      for (const key of book.subjects()) {
        if (!key.startsWith('stay:')) continue
        const view = of(key)
        // How old it is, is told by the minute.
        const picture = JSON.stringify(view && { ...view, at: undefined, oldestAt: view.oldestAt?.slice(0, 'YYYY-MM-DDTHH:MM'.length) })
        if (told.get(key) === picture) continue
        told.set(key, picture)
        stations.tell({ t: 'news2', stayId: key.slice('stay:'.length), news2: view ?? null })
      }
    },
  }
}
