/**
 * The parts of Moddable SDK's modules that the board program uses, as their documentation describes them (documentation/network, base,
 * files; ECMA-419 for `I2C` and the MQTT client). The program gets them as values, so that tests hand in others.
 */

/** Module `timer`. */
export interface ModdableTimer {
  set(run: () => void, delayMs: number): unknown
  repeat(run: () => void, intervalMs: number): unknown
  clear(id: unknown): void
}

/** Module `time`: `ticks` counts milliseconds in 32 bits and wraps after 49 days. */
export interface ModdableTime {
  readonly ticks: number
}

/** Module `preference`: small values in flash that survive a power cut, by domain and key of at most 15 characters each. */
export interface ModdablePreference {
  get(domain: string, key: string): string | boolean | number | ArrayBuffer | undefined
  set(domain: string, key: string, value: string): void
  delete(domain: string, key: string): void
}

/** What ECMA-419's MQTT client says in `onControl`. */
export interface MqttControl {
  readonly operation: number
  readonly id?: number
}

/** What it says of a message in `onReadable`: the topic with the first part, `more` while parts are missing. */
export interface MqttReadable {
  readonly topic?: string
  readonly more: boolean
}

export interface MqttWrite {
  readonly operation?: number
  readonly topic?: string
  readonly QoS?: number
  readonly retain?: boolean
  readonly id?: number
  /** Whole length, when the data given is only its first part. */
  readonly byteLength?: number
  readonly items?: readonly { readonly topic: string; readonly QoS: number }[]
}

export interface Ecma419Mqtt {
  /** @returns bytes that may be written next; throws when there is no room for what was given */
  write(data: ArrayBuffer | null, options?: MqttWrite): number
  read(count: number): ArrayBuffer | undefined
  close(): void
}

export interface Ecma419MqttOptions {
  readonly host: string
  readonly port: number
  readonly id: string
  readonly user: string
  readonly password: string
  readonly clean: boolean
  /** Milliseconds. */
  readonly keepalive: number
  readonly will: { readonly topic: string; readonly message: ArrayBuffer; readonly QoS: number; readonly retain: boolean }
  onControl(message: MqttControl): void
  onReadable(count: number, options: MqttReadable): void
  onWritable(count: number): void
  onError(): void
  onClose(): void
}

/** MQTT 3.1.1 packet types, as the client's static properties have them. */
export const MqttOperation = { CONNACK: 2, PUBACK: 4, SUBSCRIBE: 8, SUBACK: 9 } as const

/** Text and bytes; XS has `ArrayBuffer.fromString` and `String.fromArrayBuffer`. */
export interface Utf8 {
  encode(text: string): ArrayBuffer
  decode(bytes: ArrayBuffer): string
}
