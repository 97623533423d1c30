import type { EngineEnd, FromEngine, FromStation } from './channel.ts'

/** The HTTP parts that hear this engine, each with the screens that are armed there. */
export class Stations {
  readonly #armed = new Map<EngineEnd, Readonly<Record<string, number>>>()
  readonly #elsewhere: () => Iterable<Readonly<Record<string, number>>>

  /** `elsewhere`: armed screens at the stations of other engines. */
  constructor(elsewhere: () => Iterable<Readonly<Record<string, number>>> = () => []) {
    this.#elsewhere = elsewhere
  }

  add(end: EngineEnd, hear: (message: FromStation) => void): void {
    this.#armed.set(end, {})
    end.onClose(() => this.#armed.delete(end))
    end.onMessage((message) => {
      if (message.t === 'armed') this.#armed.set(end, message.wards)
      else hear(message)
    })
  }

  get count(): number {
    return this.#armed.size
  }

  /** Armed screens of every station of the site, by ward. */
  armed(): Readonly<Record<string, number>> {
    return summed([...this.#armed.values(), ...this.#elsewhere()])
  }

  /** Those of the stations here alone. */
  armedHere(): Readonly<Record<string, number>> {
    return summed(this.#armed.values())
  }

  tell(message: FromEngine): void {
    for (const end of this.#armed.keys()) end.send(message)
  }

  close(): void {
    for (const end of this.#armed.keys()) end.close()
  }
}

function summed(all: Iterable<Readonly<Record<string, number>>>): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const wards of all) for (const [ward, count] of Object.entries(wards)) sum[ward] = (sum[ward] ?? 0) + count
  return sum
}
