/** Something that can be heard, if the browser lets it: sound is blocked until a person has touched the page. */
export interface Tone {
  /** To be called from a touch or key press. */
  unlock(): void
  /** False when the browser would not play it. */
  play(): boolean
}

const NOTES_HZ = [660, 440]
const NOTE_S = 0.22
/** Harmonics make a tone easier to locate in a room than a bare sine. */
const HARMONICS = [1, 2, 3, 4]
const LOUDNESS = 0.16

/** Two falling notes, unlike any bedside alarm: this screen went blind, nothing is known of the patients. */
export function browserTone(): Tone {
  let context: AudioContext | undefined

  function note(audio: AudioContext, hz: number, startS: number): void {
    const gain = audio.createGain()
    gain.gain.setValueAtTime(0, startS)
    gain.gain.linearRampToValueAtTime(LOUDNESS, startS + 0.02)
    gain.gain.linearRampToValueAtTime(0, startS + NOTE_S)
    gain.connect(audio.destination)
    for (const n of HARMONICS) {
      const oscillator = audio.createOscillator()
      oscillator.frequency.value = hz * n
      const part = audio.createGain()
      part.gain.value = 1 / (n * n)
      oscillator.connect(part).connect(gain)
      oscillator.start(startS)
      oscillator.stop(startS + NOTE_S)
    }
  }

  return {
    unlock() {
      context ??= new AudioContext()
      void context.resume()
    },
    play() {
      if (context?.state !== 'running') return false
      const startS = context.currentTime
      NOTES_HZ.forEach((hz, i) => note(context as AudioContext, hz, startS + i * NOTE_S))
      return true
    },
  }
}
