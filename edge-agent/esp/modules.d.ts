// Shapes of the Moddable modules that main.ts imports, as far as it uses them; the SDK's own typings replace this file on a board.
declare module 'timer' {
  const Timer: { set(run: () => void, delayMs: number): unknown; repeat(run: () => void, intervalMs: number): unknown; clear(id: unknown): void }
  export default Timer
}
declare module 'time' {
  const Time: { readonly ticks: number }
  export default Time
}
declare module 'preference' {
  const Preference: { get(domain: string, key: string): string | boolean | number | ArrayBuffer | undefined; set(domain: string, key: string, value: string): void; delete(domain: string, key: string): void }
  export default Preference
}
declare module 'wifi' {
  export default class WiFi {
    constructor(options: { ssid: string; password?: string }, heard?: (message: unknown) => void)
    static mode: number
    static readonly disconnected: unknown
    static connect(options: { ssid: string; password?: string }): void
    static accessPoint(options: { ssid: string; password?: string }): void
    static scan(options: object, found: (item: { ssid: string } | null) => void): void
  }
}
declare module 'net' {
  const Net: { get(property: string, networkInterface?: string): string | undefined }
  export default Net
}
declare module 'dns/server' {
  const DnsServer: new (answer: (message: number, value?: unknown) => string | undefined) => { close(): void }
  export default DnsServer
}
declare module 'Resource' {
  const Resource: new (path: string) => ArrayBuffer
  export default Resource
}
declare module 'mc/config' {
  const config: { readonly hardware: string; readonly led: number; readonly plainPort: number; readonly spoolCapacity: number }
  export default config
}

interface NetworkWay {
  readonly io: new (options: object) => { write(data: ArrayBuffer | null, options?: object): number; read(count: number): ArrayBuffer | undefined; close(): void }
  readonly tls?: object
}

declare const device: {
  readonly network: { readonly mqtt: NetworkWay; readonly mqtts: NetworkWay }
  readonly io: {
    readonly I2C: new (options: Record<string, unknown>) => { read(option: number | Uint8Array, stop?: boolean): ArrayBuffer | Uint8Array | number | undefined; write(buffer: Uint8Array, stop?: boolean): void; close(): void }
    readonly Digital: { readonly Output: unknown; new (options: { pin: number; mode: unknown }): { write(level: 0 | 1): void } }
  }
  readonly I2C: { readonly default: Readonly<Record<string, unknown>> }
}
declare function trace(text: string): void
interface ArrayBufferConstructor {
  fromString(text: string): ArrayBuffer
}
interface StringConstructor {
  fromArrayBuffer(bytes: ArrayBuffer): string
}
