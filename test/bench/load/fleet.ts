import { fork } from 'node:child_process'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'
import { type Stage } from '../stage/stage.ts'
import { type Answer, type Order } from './orders.ts'

/** Boards in a process of their own. */
export interface Fleet {
  readonly pid: number
  end(): Promise<void>
  ask<O extends Order>(order: O): Promise<Answer<O>>
}

type Reply = { readonly answer: unknown } | { readonly failure: string }

export function startFleet(stage: Stage): Fleet {
  const child = fork(join(import.meta.dirname, 'fleet-program.ts'), { cwd: stage.folder, env: { PATH: process.env['PATH'] ?? '' }, serialization: 'advanced', execArgv: [] })
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
    ask<O extends Order>(order: O): Promise<Answer<O>> {
      const { promise, resolve, reject } = Promise.withResolvers<Answer<O>>()
      const onExit = () => reject(new AppError('INTERNAL', 'The load generator ended.'))
      child.once('exit', onExit)
      child.once('message', (reply: Reply) => {
        child.off('exit', onExit)
        if ('failure' in reply) reject(new AppError('INTERNAL', `The load generator says: ${reply.failure}`))
        else resolve(reply.answer as Answer<O>)
      })
      child.send(order)
      return promise
    },
  }
}
