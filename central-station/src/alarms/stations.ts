import type { EngineEnd, FromEngine, FromStation } from './channel.ts'

/** The HTTP parts that hear this engine, each with the screens that are armed there. */
export class Stations {
  readonly #armed = new Map<EngineEnd, Readonly<Record<string, number>>>()

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

  /** Armed screens of every station, by ward. */
  armed(): Readonly<Record<string, number>> {
    const sum: Record<string, number> = {}
    for (const wards of this.#armed.values()) for (const [ward, count] of Object.entries(wards)) sum[ward] = (sum[ward] ?? 0) + count
    return sum
  }

  tell(message: FromEngine): void {
    for (const end of this.#armed.keys()) end.send(message)
  }

  close(): void {
    for (const end of this.#armed.keys()) end.close()
  }
}
