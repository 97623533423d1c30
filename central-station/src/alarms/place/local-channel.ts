import type { ChannelEnd, EngineEnd, FromEngine, FromStation, StationEnd } from './channel.ts'

interface HalfPipe<In, Out> extends ChannelEnd<In, Out> {
  take(message: In): void
  ended(): void
}

function half<In, Out>(other: () => HalfPipe<Out, In>): HalfPipe<In, Out> {
  const listeners: ((message: In) => void)[] = []
  const closers: (() => void)[] = []
  let open = true
  const end: HalfPipe<In, Out> = {
    send: (message) => {
      if (open) other().take(message)
    },
    onMessage: (listener) => void listeners.push(listener),
    onClose: (listener) => void closers.push(listener),
    take: (message) => {
      if (open) for (const listener of listeners) listener(message)
    },
    ended() {
      if (!open) return
      open = false
      for (const closer of closers) closer()
    },
    close() {
      end.ended()
      other().ended()
    },
  }
  return end
}

/** Both ends within one process, for an engine that runs inside the station. */
export function localChannel(): { readonly engine: EngineEnd; readonly station: StationEnd } {
  const engine: HalfPipe<FromStation, FromEngine> = half(() => station)
  const station: HalfPipe<FromEngine, FromStation> = half(() => engine)
  return { engine, station }
}
