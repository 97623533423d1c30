import type { LinkStatus, SpoolStatus } from '@vigil/edge-agent'

/** One board of the load, real or light. */
export interface LoadClient {
  readonly device: string
  start(): Promise<void>
  /** Measures no more, but goes on sending what is recorded. */
  quiet(): void
  stop(): Promise<void>
  status(): { readonly link: LinkStatus; readonly spool: SpoolStatus }
}

/** What every kind of board needs. */
export interface Registered {
  readonly device: string
  readonly site: string
  readonly secret: string
}
