import Timer from 'timer'
import Time from 'time'
import Preference from 'preference'
import WiFi from 'wifi'
import Net from 'net'
import { Server as HttpServer } from 'http'
import DnsServer from 'dns/server'
import Resource from 'Resource'
import config from 'mc/config'
import { createBoard } from './board.ts'
import { type BoardSettings, checkSettings } from './board-settings.ts'
import { moddableClock } from './moddable-clock.ts'
import { preferenceDocument } from './preference-document.ts'
import { type PortalModules, startSetupPortal } from './setup-portal.ts'

// The entry on the board: everything that needs the hardware is gathered here, and only here.
const document = preferenceDocument<BoardSettings>(Preference, 'settings')
const STATION = 1
const WIFI_AGAIN_MS = 5_000
const log = (event: string, facts: Readonly<Record<string, unknown>>): void => trace(`${JSON.stringify({ event, ...facts })}\n`)

function startBoard(settings: BoardSettings): void {
  // Without TLS only on a bench, and only on the port the build says so for.
  const secure = settings.port !== config.plainPort
  const way = secure ? device.network.mqtts : device.network.mqtt
  const trust = secure ? { tls: { ...way.tls, ca: new Resource('ca.der') } } : {}
  const led = new device.io.Digital({ pin: config.led, mode: device.io.Digital.Output })
  const agent = createBoard({
    settings,
    clock: moddableClock({ timer: Timer, time: Time }),
    random: () => Math.random(),
    I2C: device.io.I2C,
    pins: device.I2C.default,
    connect: (options) => new way.io({ ...way, ...trust, ...options }),
    preference: Preference,
    utf8: { encode: (text) => ArrayBuffer.fromString(text), decode: (bytes) => String.fromArrayBuffer(bytes) },
    indicator: { kind: 'LED', set: (on) => led.write(on ? 1 : 0) },
    hardware: config.hardware,
    spoolCapacity: config.spoolCapacity,
    log,
  })
  // Measuring does not wait for the network; the link tries until there is one.
  void agent.start()
  const network = { ssid: settings.ssid, password: settings.password }
  void new WiFi(network, (message) => {
    if (message === WiFi.disconnected) Timer.set(() => WiFi.connect(network), WIFI_AGAIN_MS)
  })
}

const saved = checkSettings((document.load() ?? {}) as Readonly<Record<string, unknown>>)
if (saved.ok) startBoard(saved.settings)
else {
  const hint = String(Net.get('MAC')).replaceAll(':', '').slice(-6).toLowerCase()
  const done = (settings: BoardSettings): void => {
    document.save(settings)
    WiFi.mode = STATION
    startBoard(settings)
  }
  // The types of this name here are those of Node's module; on a board it is Moddable's.
  const Server = HttpServer as unknown as PortalModules['HttpServer']
  startSetupPortal({ wifi: WiFi, HttpServer: Server, DnsServer, ownAddress: () => Net.get('IP', 'ap'), done }, hint)
}
