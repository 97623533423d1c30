import { packLiveWave } from '@vigil/contract/api/live-wire'
import { encodeWaveFrame } from '@vigil/contract/messages/waveform'

const HZ = 25

/** A pulse with a notch, once per beat. */
function pleth(tMs: number, rate: number): number {
  const phase = ((tMs / 60_000) * rate) % 1
  return 900 * Math.exp(-(((phase - 0.22) / 0.1) ** 2)) + 320 * Math.exp(-(((phase - 0.52) / 0.09) ** 2)) + 40 * Math.sin(tMs / 2_400)
}

/** Mask pressure of a ventilated breath, cmH2O. */
function paw(tMs: number, rate: number): number {
  const phase = ((tMs / 60_000) * rate) % 1
  return 5 + (phase < 0.38 ? 9.5 * (1 - Math.exp(-phase / 0.07)) : 9.5 * Math.exp(-(phase - 0.38) / 0.05)) + 0.15 * Math.sin(tMs / 140)
}

const shapes = { pleth_ir: pleth, paw } as const

export const measuredWave = (channel: keyof typeof shapes, tMs: number, rate: number): number => Math.round(shapes[channel](tMs, rate) * 1_000) / 1_000

/** One second of a channel, ready for the socket. */
export function waveFrame(device: string, channel: keyof typeof shapes, startMs: number, rate: number): Uint8Array {
  const scale = channel === 'paw' ? 0.001 : 1
  const samples = Int16Array.from({ length: HZ }, (_, i) => Math.round(shapes[channel](startMs + (i * 1_000) / HZ, rate) / scale))
  return packLiveWave(device, channel, encodeWaveFrame({ seq: Math.floor(startMs / 1_000), t0Us: startMs * 1_000, hz: HZ, scale, offset: 0, samples }))
}
