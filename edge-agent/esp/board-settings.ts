import { isName } from '@vigil/contract/topics'

/** What a board must know to work; kept in flash, entered once in the set-up page. */
export interface BoardSettings {
  readonly ssid: string
  readonly password: string
  readonly host: string
  readonly port: number
  readonly site: string
  readonly device: string
  readonly secret: string
  /** Which way mask pressure goes when the patient draws breath. */
  readonly breathing: 'spontaneous' | 'ventilated'
}

export type CheckedSettings = { readonly ok: true; readonly settings: BoardSettings } | { readonly ok: false; readonly why: string }

const TLS_PORT = 8883
/** Passwords of Wi-Fi are 8 to 63 characters (IEEE 802.11i), or none. */
const WIFI_PASSWORD = [8, 63] as const

type Fields = Readonly<Record<string, unknown>>

const raw = (fields: Fields, name: string): string => {
  const value = fields[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
const text = (fields: Fields, name: string): string => raw(fields, name).trim()
const portOf = (fields: Fields): number => Number(text(fields, 'port') || TLS_PORT)
const siteOf = (fields: Fields): string => text(fields, 'site') || 'main'
const isWifiPassword = (password: string): boolean => password === '' || (password.length >= WIFI_PASSWORD[0] && password.length <= WIFI_PASSWORD[1])
const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535

/** What must hold, in the order of the page, with the sentence for when it does not. */
const rules: readonly (readonly [(fields: Fields) => boolean, string])[] = [
  [(f) => text(f, 'ssid') !== '', 'Choose the Wi-Fi network.'],
  [(f) => isWifiPassword(raw(f, 'password')), 'The Wi-Fi password has 8 to 63 characters.'],
  [(f) => /^[A-Za-z0-9.:-]+$/.test(text(f, 'host')), 'Give the name or the address of the server.'],
  [(f) => isPort(portOf(f)), 'The port is a number from 1 to 65535; 8883 as a rule.'],
  [(f) => isName(siteOf(f)) && isName(text(f, 'device')), 'Site and device are 1 to 64 letters, digits, _ or -.'],
  [(f) => text(f, 'secret') !== '', 'Give the secret that the app showed when the device was added.'],
]

/** Reads the fields of the set-up page, or of a saved document. */
export function checkSettings(fields: Fields): CheckedSettings {
  const broken = rules.find(([holds]) => !holds(fields))
  if (broken) return { ok: false, why: broken[1] }
  return {
    ok: true,
    settings: {
      ssid: text(fields, 'ssid'),
      password: raw(fields, 'password'),
      host: text(fields, 'host'),
      port: portOf(fields),
      site: siteOf(fields),
      device: text(fields, 'device'),
      secret: text(fields, 'secret'),
      breathing: text(fields, 'breathing') === 'ventilated' ? 'ventilated' : 'spontaneous',
    },
  }
}
