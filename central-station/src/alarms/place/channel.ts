import type { Alarm, AlarmWatch, AudioNow, ErrorCode, MonitoringNow, News2Now } from '@vigil/contract'
import type { AlarmActor } from '@vigil/contract/alarms'
import type { DueEntry } from '../../audit/due.ts'

/** Engine and HTTP part of one central station speak these over a socket of this machine, one JSON text per line. */
export type FromEngine =
  | { readonly t: 'hello'; readonly fingerprint: string; readonly pid: number }
  | { readonly t: 'all'; readonly alarms: readonly Alarm[]; readonly audio: Readonly<Record<string, AudioNow>>; readonly monitoring: Readonly<Record<string, MonitoringNow>>; readonly news2: Readonly<Record<string, News2Now>>; readonly watch: AlarmWatch }
  | { readonly t: 'alarm'; readonly alarm: Alarm }
  | { readonly t: 'audio'; readonly stayId: string; readonly audio: AudioNow }
  | { readonly t: 'monitoring'; readonly stayId: string; readonly monitoring: MonitoringNow }
  | { readonly t: 'news2'; readonly stayId: string; readonly news2: News2Now | null }
  | { readonly t: 'beat'; readonly watch: AlarmWatch }
  | { readonly t: 'done'; readonly id: number; readonly value?: unknown }
  | { readonly t: 'failed'; readonly id: number; readonly code: ErrorCode; readonly message: string; readonly details?: Readonly<Record<string, unknown>> }

export type Asked =
  | { readonly do: 'acknowledge'; readonly alarmId: string; readonly actor: AlarmActor; readonly seenVersion: number; readonly note: string | null }
  | { readonly do: 'hand_over'; readonly alarmId: string; readonly actor: AlarmActor; readonly to: string; readonly note: string | null }
  | { readonly do: 'audio'; readonly stayIds: readonly string[]; readonly actor: AlarmActor; readonly mode: 'on' | 'paused' | 'off'; readonly forMs: number; readonly why: string | null }
  /** Pauses the monitoring of a stay; without a time it goes on. */
  | { readonly do: 'monitoring'; readonly stayId: string; readonly actor: AlarmActor; readonly forMs: number | null; readonly why: string | null }
  /** The patient of this stay calls. */
  | { readonly do: 'call'; readonly stayId: string }
  /** What is where, or a limit, was changed: answered when the engine goes by it. */
  | { readonly do: 'refresh' }

/** What is asked, with the entries of the audit that doing it owes. */
export type Owing<T> = T & { readonly due?: readonly DueEntry[] }

/** Which canary, and which of its numbers. */
export interface CanaryHeard {
  readonly epoch: string
  readonly seq: number
}

export type FromStation =
  | { readonly t: 'ask'; readonly id: number; readonly ask: Owing<Asked> }
  | { readonly t: 'armed'; readonly wards: Readonly<Record<string, number>> }
  /** The canary came through the live stream. */
  | ({ readonly t: 'canary' } & CanaryHeard)
  | { readonly t: 'stop' }

/** One end of a connection. */
export interface ChannelEnd<In, Out> {
  send(message: Out): void
  onMessage(listener: (message: In) => void): void
  onClose(listener: () => void): void
  close(): void
}
export type EngineEnd = ChannelEnd<FromStation, FromEngine>
export type StationEnd = ChannelEnd<FromEngine, FromStation>

/** The engine says so this often that it lives, and with what; three in silence count as away. */
export const BEAT_MS = 1_000
export const SILENT_AFTER_MS = 3_500
