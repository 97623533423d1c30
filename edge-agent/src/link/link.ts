import type { AlarmConfirmation } from '@vigil/contract/messages/alarm'
import type { Command } from '@vigil/contract/messages/command'
import type { DesiredConfig } from '@vigil/contract/messages/config'
import type { Receipt } from '@vigil/contract/messages/receipt'
import type { DeviceState } from '@vigil/contract/messages/state'
import type { UpChannel, WaveChannel } from '@vigil/contract/topics'

/** What the agent does when the link hears something. */
export interface LinkHandlers {
  /** The birth message as of now; asked for at each connection. */
  birth(): DeviceState
  /** Connected, subscribed, and the birth message is out. */
  online(): void
  offline(): void
  receipt(receipt: Receipt): void
  desiredConfig(desired: DesiredConfig): void
  command(command: Command): void
  /** A command that cannot be read; with its id it can at least be refused. */
  unreadableCommand(id: string | undefined, reason: string): void
  /** What the central station holds open for this device. */
  alarmsAtCentre(confirmation: AlarmConfirmation): void
  /** Server time beacon, ms since the Unix epoch. */
  serverTime(t: number): void
}

export interface LinkStatus {
  readonly connected: boolean
  /** Why there is no connection, as a sentence; `undefined` while there is one. */
  readonly why: string | undefined
  /** Connections that ended since the start. */
  readonly cuts: number
  /** Messages from the server that could not be read. */
  readonly unreadable: number
  /** Waveform frames not sent because the connection was away or slow. */
  readonly wavesDropped: number
}

/** The way to the server. A dumb pipe: it keeps nothing, so that only the spool answers for what was measured. */
export interface Link {
  start(handlers: LinkHandlers): void
  /** Says `off` and lets go. */
  stop(): Promise<void>
  /** At least once while the connection stands; `settled` comes at the PUBACK, or never. Nothing happens while offline. */
  publish(channel: UpChannel, payload: string, options?: { readonly retain?: boolean; readonly settled?: () => void }): void
  /** At most once, and not at all while offline or behind. */
  publishWave(channel: WaveChannel, frame: Uint8Array): void
  status(): LinkStatus
}
