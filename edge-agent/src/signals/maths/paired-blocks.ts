import type { SampleBlock } from './sample-stream.ts'

/** Infrared with the red of the same moments, where there is any. */
export interface Pair {
  readonly infrared: SampleBlock
  readonly red: SampleBlock | undefined
}

/** Brings the two colours of one converter together, whatever the order in which they come. */
export interface PairedBlocks {
  push(colour: 'red' | 'ir', block: SampleBlock): void
  /** Blocks that are complete. One colour without the other is left out once the other has moved on. */
  take(): Pair[]
}

export function createPairedBlocks(): PairedBlocks {
  let hasRed = false
  let waiting: { red: SampleBlock[]; ir: SampleBlock[] } = { red: [], ir: [] }
  return {
    push(colour, block) {
      if (colour === 'red') hasRed = true
      waiting[colour].push(block)
    },
    take() {
      const { red, ir } = waiting
      if (!hasRed) {
        waiting = { red, ir: [] }
        return ir.map((infrared) => ({ infrared, red: undefined }))
      }
      const pairs: Pair[] = []
      let r = 0
      let i = 0
      while (r < red.length && i < ir.length) {
        const apart = (ir[i] as SampleBlock).t0Ms - (red[r] as SampleBlock).t0Ms
        if (Math.abs(apart) < 500 / (ir[i] as SampleBlock).hz) {
          pairs.push({ infrared: ir[i] as SampleBlock, red: red[r] })
          r += 1
          i += 1
        } else if (apart < 0) i += 1
        else r += 1
      }
      waiting = { red: red.slice(r), ir: ir.slice(i) }
      return pairs
    },
  }
}
