import type { SampleFacts } from '../../live/live-device.ts'
import type { StayFact } from '../../registry/world.ts'
import type { WorldIndex } from '../../registry/world-index.ts'

/**
 * The stay a sample is of: whoever has the device, if they had it when it was measured. What was measured before belongs to somebody
 * else; a clock that is behind must not make all of it look so, hence by our own.
 */
export function stayOfSample(world: WorldIndex, device: string, { ourMs }: Pick<SampleFacts, 'ourMs'>): StayFact | undefined {
  const stay = world.stayOfDevice.get(device)
  return stay?.link && ourMs >= stay.link.fromMs ? stay : undefined
}
