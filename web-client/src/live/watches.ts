import type { LiveRequest } from '@vigil/contract/api/live'
import type { Stop } from '@vigil/contract/clock'

/** What one part of the screen wants to hear of. */
export interface Wants {
  readonly wards?: readonly string[]
  readonly devices?: readonly string[]
  /** Devices whose waveforms are drawn. */
  readonly waves?: readonly string[]
}

/** Everything this screen wants to hear of, as it is asked. */
export type WatchRequest = Extract<LiveRequest, { readonly type: 'watch' }>

/** Adds up what all parts of the screen want: the server keeps only the newest `watch` of a connection. */
export function createWatches(onChange: (request: WatchRequest) => void) {
  const wanted = new Set<Wants>()
  let said = ''
  let telling = false

  const tell = () => {
    telling = false
    const union = (key: keyof Wants) => [...new Set([...wanted].flatMap((w) => [...(w[key] ?? [])]))].sort()
    const request: WatchRequest = { type: 'watch', wards: union('wards'), devices: union('devices'), waves: union('waves') }
    const text = JSON.stringify(request)
    if (text === said) return
    said = text
    onChange(request)
  }

  // A page that is replaced gives up its wants just before the next one states its own: one request, not two.
  const tellSoon = () => {
    if (telling) return
    telling = true
    queueMicrotask(tell)
  }

  return {
    add(wants: Wants): Stop {
      wanted.add(wants)
      tellSoon()
      return () => {
        if (wanted.delete(wants)) tellSoon()
      }
    },
  }
}
