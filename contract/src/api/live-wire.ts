/**
 * Parts of the live WebSocket a browser needs at run time; kept free of schemas so that the app does not carry their compiler.
 * Text frames are JSON (`live.ts`); binary frames are waveforms:
 * `u8 length of the header, header = "{device}/{channel}" in ASCII, waveform frame`.
 * The server sends something at least every 2 s; a client that hears nothing for 10 s must say it is not live.
 */
export const LIVE_HEARTBEAT_MS = 2_000
export const LIVE_SILENCE_LIMIT_MS = 10_000
/** An armed screen says so this often; one that is silent for longer counts as nobody listening. */
export const ARMED_BEAT_MS = 3_000
export const ARMED_LAPSE_MS = 10_000

/** Puts device and channel before a waveform frame. */
export function packLiveWave(device: string, channel: string, frame: Uint8Array): Uint8Array {
  const header = `${device}/${channel}`
  const out = new Uint8Array(1 + header.length + frame.length)
  out[0] = header.length
  for (let i = 0; i < header.length; i++) out[1 + i] = header.charCodeAt(i)
  out.set(frame, 1 + header.length)
  return out
}

/** The inverse of `packLiveWave`; `frame` is a copy-free view. */
export function unpackLiveWave(bytes: Uint8Array): { device: string; channel: string; frame: Uint8Array } | undefined {
  const length = bytes[0]
  if (length === undefined || bytes.length < 1 + length) return undefined
  const [device = '', channel = ''] = String.fromCharCode(...bytes.subarray(1, 1 + length)).split('/')
  return { device, channel, frame: bytes.subarray(1 + length) }
}
