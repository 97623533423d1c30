import type { ConfigVersions } from '@vigil/contract/api/devices'

export interface ConfigDrift {
  readonly word: 'none' | 'same' | 'behind' | 'silent' | 'refused'
  /** The device does not run what was asked. */
  readonly off: boolean
  readonly desired: number
  readonly reported: number
  readonly keys: string
}

/** What was asked beside what is reported: words, not a colour. */
export function configDrift({ desired, reported, refused }: ConfigVersions = { desired: 0, reported: 0, refused: [] }): ConfigDrift {
  const word = () => {
    if (desired === 0) return 'none'
    if (reported === 0) return 'silent'
    if (reported !== desired) return 'behind'
    return refused.length > 0 ? 'refused' : 'same'
  }
  const found = word()
  return { word: found, off: found !== 'none' && found !== 'same', desired, reported, keys: refused.join(', ') }
}
