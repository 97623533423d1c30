import type { BoardSettings } from './board-settings.ts'
import { setupPage } from './setup-page.ts'

/** The messages of Moddable's HTTP server callback that are used (documentation/network, class HTTP Server). */
export const HttpMessage = { STATUS: 2, HEADERS_COMPLETE: 4, REQUEST_COMPLETE: 6, PREPARE_RESPONSE: 8, RESPONSE_COMPLETE: 10 } as const

/** `this` of the callback is the request: what is kept on it lives as long as it does. */
export interface HttpRequestState {
  method?: string
  body?: string
  settings?: BoardSettings
}

export type HttpCallback = (this: HttpRequestState, message: number, value?: unknown, more?: unknown) => unknown

export interface PortalModules {
  readonly wifi: {
    accessPoint(options: { ssid: string; password?: string }): void
    scan(options: object, found: (item: { ssid: string } | null) => void): void
  }
  readonly HttpServer: new (options: object) => { callback: HttpCallback; close(): void }
  readonly DnsServer: new (answer: (message: number, value?: unknown) => string | undefined) => { close(): void }
  /** The board's own address in its network. */
  readonly ownAddress: () => string | undefined
  /** Called once, when the page of thanks is out and both servers are closed. */
  readonly done: (settings: BoardSettings) => void
}

const LOOKUP = 1

/** Opens a Wi-Fi network of the board's own, in which every name leads to the set-up page. */
export function startSetupPortal(modules: PortalModules, deviceHint: string): void {
  const networks: string[] = []
  modules.wifi.scan({}, (item) => {
    if (item) {
      if (item.ssid !== '' && !networks.includes(item.ssid)) networks.push(item.ssid)
      return
    }
    // The radio does one thing at a time: the own network opens when the list is complete.
    modules.wifi.accessPoint({ ssid: `vigil-${deviceHint}` })
    openDoors(modules, networks, deviceHint)
  })
}

function openDoors({ HttpServer, DnsServer, ownAddress, done }: PortalModules, networks: readonly string[], deviceHint: string): void {
  const names = new DnsServer((message) => (message === LOOKUP ? ownAddress() : undefined))
  const server = new HttpServer({ port: 80 })
  server.callback = function (message, value, more) {
    switch (message) {
      case HttpMessage.STATUS:
        this.method = String(more)
        return undefined
      case HttpMessage.HEADERS_COMPLETE:
        return String
      case HttpMessage.REQUEST_COMPLETE:
        this.body = String(value)
        return undefined
      case HttpMessage.PREPARE_RESPONSE: {
        const { status, body, settings } = setupPage({ method: this.method ?? 'GET', body: this.body ?? '', networks, deviceHint })
        if (settings) this.settings = settings
        return { status, headers: ['Content-type', 'text/html; charset=utf-8', 'Cache-Control', 'no-store'], body }
      }
      case HttpMessage.RESPONSE_COMPLETE:
        if (this.settings) {
          server.close()
          names.close()
          done(this.settings)
        }
        return undefined
      default:
        return undefined
    }
  }
}
