import { fork } from 'node:child_process'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'
import type { Stage } from '../stage/stage.ts'

/** A load generator in a process of its own, asked one thing at a time. */
export interface Forked {
  readonly pid: number
  end(): Promise<void>
  /** @throws AppError `INTERNAL` with what it said, when it could not. */
  ask(order: object): Promise<unknown>
}

type Reply = { readonly answer: unknown } | { readonly failure: string }

export function startForked(stage: Stage, script: string): Forked {
  const child = fork(join(import.meta.dirname, script), { cwd: stage.folder, env: { PATH: process.env['PATH'] ?? '' }, serialization: 'advanced', execArgv: [] })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  const end = async () => {
    if (child.connected) child.disconnect()
    await ended
  }
  stage.onEnd(end)
  return {
    pid: child.pid as number,
    end,
    ask(order) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      const onExit = () => reject(new AppError('INTERNAL', 'The load generator ended.'))
      child.once('exit', onExit)
      child.once('message', (reply: Reply) => {
        child.off('exit', onExit)
        if ('failure' in reply) reject(new AppError('INTERNAL', `The load generator says: ${reply.failure}`))
        else resolve(reply.answer)
      })
      child.send(order)
      return promise
    },
  }
}

/** The other end: answers each order with what `carryOut` makes of it, and ends with its parent. */
// oxlint-disable-next-line no-unnecessary-type-parameters -- what a parent sends has no type of its own: said once, by the caller
export function answerOrders<O>(carryOut: (order: O) => Promise<unknown>): void {
  process.on('message', (order: O) => {
    carryOut(order).then(
      (answer) => process.send?.({ answer }),
      (error: unknown) => process.send?.({ failure: error instanceof Error ? error.message : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit(0))
}
