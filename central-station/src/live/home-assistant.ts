import { type LatestValue, type Signal, signalByName, type SignalName } from '@vigil/contract'

/** A retained message that tells Home Assistant of one sensor (MQTT discovery). */
export interface Announcement {
  readonly topic: string
  readonly payload: string
}

const DISCOVERY = 'homeassistant'
const OWN = 'vigil'
/** Older than this a sensor shows as unavailable, whatever else is said. */
const EXPIRE_S = 60

const UNITS: Readonly<Record<string, string>> = { Cel: '°C', 'mm[Hg]': 'mmHg', 'cm[H2O]': 'cmH₂O', '[ppm]': 'ppm', '[ppb]': 'ppb', 'dB[mW]': 'dBm', 'mg/dL': 'mg/dL' }
const BEATS: ReadonlySet<string> = new Set(['hr', 'pr', 'rhr'])
const CLASSES: Readonly<Record<string, string>> = { temp: 'temperature', tcore: 'temperature', tskin: 'temperature', tamb: 'temperature', rhum: 'humidity', pamb: 'atmospheric_pressure', co2: 'carbon_dioxide', batt: 'battery', rssi: 'signal_strength' }

export const bridgeTopic = `${OWN}/availability`
export const availabilityTopic = (device: string) => `${OWN}/${device}/availability`
export const stateTopic = (device: string) => `${OWN}/${device}/state`

/** One sensor of a device: its name is the signal's, its device's the registry's; no patient is ever in it. */
export function announce(device: { readonly id: string; readonly label: string }, name: SignalName): Announcement | undefined {
  const signal = signalByName(name)
  if (!signal) return undefined
  const deviceClass = CLASSES[name]
  const payload = {
    name: signal.display,
    unique_id: `vigil_${device.id}_${name}`,
    object_id: `vigil_${device.id}_${name}`,
    state_topic: stateTopic(device.id),
    value_template: `{{ value_json.${name} }}`,
    unit_of_measurement: unitOf(signal),
    state_class: 'measurement',
    suggested_display_precision: signal.decimals,
    expire_after: EXPIRE_S,
    availability: [{ topic: bridgeTopic }, { topic: availabilityTopic(device.id) }],
    availability_mode: 'all',
    device: { identifiers: [`vigil_${device.id}`], name: device.label === '' ? device.id : device.label, manufacturer: 'Vigil' },
    origin: { name: 'Vigil' },
    ...(deviceClass === undefined ? {} : { device_class: deviceClass }),
  }
  return { topic: `${DISCOVERY}/sensor/vigil_${device.id}/${name}/config`, payload: JSON.stringify(payload) }
}

/** The values of a device as its sensors read them; what is absent is left out and expires. */
export function stateOf(latest: Partial<Record<SignalName, LatestValue>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(latest).flatMap(([name, { v }]) => (v === null ? [] : [[name, v]]))))
}

function unitOf({ name, ucum }: Signal): string {
  if (BEATS.has(name)) return 'bpm'
  return UNITS[ucum] ?? ucum
}
