import type { Pulse } from './burst.ts'

/** Something that can be heard, if the browser lets it: sound is blocked until a person has touched the page. */
export interface Speaker {
  /** To be called from a touch or key press; resolves to whether it can be heard now. */
  unlock(): Promise<boolean>
  /** True while the browser would let a sound through. */
  audible(): boolean
  /** Plays the pulses at once, ending what was sounding; false when the browser would not. */
  play(pulses: readonly Pulse[], loudness?: number): boolean
  /** Ends what is sounding. */
  quiet(): void
}

/** A bare sine is hard to find in a room and lost behind a wall; the standard asks for at least four harmonics. */
const HARMONICS = [1, 2, 3, 4, 5]
const RISE_S = 0.015
const FALL_S = 0.03
export const LOUDNESS = 0.3

export function browserSpeaker(): Speaker {
  let context: AudioContext | undefined
  let out: GainNode | undefined

  function pulse(audio: AudioContext, to: GainNode, { hz, lengthS }: Pulse, startS: number): void {
    const shape = audio.createGain()
    shape.gain.setValueAtTime(0, startS)
    shape.gain.linearRampToValueAtTime(1, startS + RISE_S)
    shape.gain.setValueAtTime(1, startS + lengthS - FALL_S)
    shape.gain.linearRampToValueAtTime(0, startS + lengthS)
    shape.connect(to)
    for (const n of HARMONICS) {
      const tone = audio.createOscillator()
      tone.frequency.value = hz * n
      const part = audio.createGain()
      part.gain.value = 0.5 / n
      tone.connect(part).connect(shape)
      tone.start(startS)
      tone.stop(startS + lengthS + 0.02)
    }
  }

  const audible = () => context?.state === 'running'
  function quiet(): void {
    out?.disconnect()
    out = undefined
  }
  return {
    async unlock() {
      context ??= new AudioContext()
      await context.resume().catch(() => undefined)
      return audible()
    },
    audible,
    play(pulses, loudness = LOUDNESS) {
      if (!context || !audible()) return false
      quiet()
      out = context.createGain()
      out.gain.value = loudness
      out.connect(context.destination)
      for (const each of pulses) pulse(context, out, each, context.currentTime + 0.02 + each.atS)
      return true
    },
    quiet,
  }
}

/** Two falling notes, unlike any alarm: this screen went blind, nothing is known of the patients. */
export const blindPulses: readonly Pulse[] = [{ atS: 0, lengthS: 0.22, hz: 660 }, { atS: 0.22, lengthS: 0.22, hz: 440 }]
