/** What the benchmark asks of its fleet of boards, and what it answers; the fleet is a process of its own. */
export interface Board {
  readonly id: string
  readonly site: string
  readonly secret: string
}

export interface ConnectOrder {
  readonly do: 'connect'
  readonly port: number
  readonly boards: readonly Board[]
  /** Boards subscribe to their receipts. */
  readonly receipts: boolean
  /** Connections come from so many addresses of 127.0.0.0/8, by default one. */
  readonly addresses?: number
  /** Connections that are being made at one time, by default 64. */
  readonly atOnce?: number
}

/** As fast as the windows allow. */
export interface PublishOrder {
  readonly do: 'publish'
  /** Messages of all boards together. */
  readonly messages: number
  /** Telemetry objects in each message. */
  readonly batch: number
  /** Messages of one board without PUBACK. */
  readonly window: number
  /** Objects of one board without a receipt; 0 waits for no receipts, and the run ends with the last PUBACK. */
  readonly unreceipted: number
}

/** At a fixed rate, whatever the answers. */
export interface PaceOrder {
  readonly do: 'pace'
  /** Messages a second of all boards together. */
  readonly perSecond: number
  readonly seconds: number
}

export interface DropOrder {
  readonly do: 'drop'
}

export type Order = ConnectOrder | PublishOrder | PaceOrder | DropOrder

export interface Connected {
  readonly seconds: number
  /** How often a board was turned away and came again. */
  readonly again: number
}

export interface Published {
  /** From the first byte out to the last receipt or PUBACK in. */
  readonly seconds: number
  readonly objects: number
  /** The epoch the objects were numbered in. */
  readonly epoch: string
}

export interface Paced extends Published {
  /** Microseconds since the Unix epoch at which each object was handed to the socket, by board and then by number. */
  readonly sentAtUs: readonly (readonly number[])[]
}

export type Answer<O extends Order> = O extends PaceOrder ? Paced : O extends PublishOrder ? Published : Connected
