/** The bytes between a device and its broker, whatever carries them. */
export interface ByteStream {
  write(bytes: Uint8Array): void
  waitingBytes(): number
  /** Lets what was written out, then ends. */
  end(): void
  /** Ends at once. */
  destroy(): void
}

export interface StreamEvents {
  open(): void
  data(bytes: Buffer): void
  /** Comes once. @param error nothing when the other end simply closed */
  ended(error: Error | undefined): void
}

export interface StreamOptions {
  /** `mqtt://host:1883`, `mqtts://host:8883`, `ws://host:9001`, `wss://host:9001`. */
  readonly url: string
  /** CA certificate (PEM) the broker's certificate must be signed by; the system's own when absent. */
  readonly ca: string | undefined
}
