import type { Stage } from '../stage/stage.ts'
import { startForked } from './forked.ts'
import type { Answer, Order } from './orders.ts'

/** Boards in a process of their own. */
export interface Fleet {
  readonly pid: number
  end(): Promise<void>
  ask<O extends Order>(order: O): Promise<Answer<O>>
}

export function startFleet(stage: Stage): Fleet {
  const forked = startForked(stage, 'fleet-program.ts')
  return { pid: forked.pid, end: () => forked.end(), ask: <O extends Order>(order: O) => forked.ask(order) as Promise<Answer<O>> }
}
