import { performance } from 'node:perf_hooks'
import { LoadBoard } from './board.ts'
import { answerOrders } from './forked.ts'
import type { Answer, ConnectOrder, Order, PaceOrder, PublishOrder } from './orders.ts'

/** How often a paced fleet looks what is due; the timer's own step. */
const TICK_MS = 1
const AT_ONCE = 64
const MOST_TRIES = 50
const AGAIN_AFTER_MS = 200

let boards: LoadBoard[] = []
let epochs = 0

answerOrders<Order>(carryOut)

async function carryOut(order: Order): Promise<Answer<Order>> {
  if (order.do === 'connect') return connectAll(order)
  if (order.do === 'publish') return publishAll(order)
  if (order.do === 'pace') return paceAll(order)
  for (const board of boards) board.drop()
  return { seconds: 0, again: 0 }
}

async function connectAll({ port, boards: wanted, receipts, addresses = 1, atOnce = AT_ONCE }: ConnectOrder): Promise<Answer<ConnectOrder>> {
  boards = wanted.map((board, index) => new LoadBoard(board, index))
  const startedAt = performance.now()
  let [next, again] = [0, 0]
  const line = async (): Promise<void> => {
    for (let i = next++; i < boards.length; i = next++) again += await insist(boards[i] as LoadBoard, { port, receipts, from: addresses > 1 ? `127.0.0.${2 + (i % addresses)}` : undefined })
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, boards.length) }, line))
  return { seconds: (performance.now() - startedAt) / 1_000, again }
}

/** As a board does it: one that was turned away in the crowd comes again. Answers how often it had to. */
async function insist(board: LoadBoard, how: Parameters<LoadBoard['connect']>[0]): Promise<number> {
  for (let tries = 0; ; tries++) {
    try {
      await board.connect(how)
      return tries
    } catch (error) {
      board.drop()
      if (tries >= MOST_TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS))
    }
  }
}

async function publishAll({ messages, batch, window, unreceipted }: PublishOrder): Promise<Answer<PublishOrder>> {
  const epoch = newEpoch()
  const each = Math.ceil(messages / boards.length) * batch
  const startedAt = performance.now()
  await Promise.all(boards.map((board) => board.publish(epoch, each, { batch, window, unreceipted })))
  return { seconds: (performance.now() - startedAt) / 1_000, objects: each * boards.length, epoch }
}

/** Each board in its turn, evenly over the second. */
async function paceAll({ perSecond, seconds }: PaceOrder): Promise<Answer<PaceOrder>> {
  const epoch = newEpoch()
  const sentAtUs: number[][] = boards.map(() => [])
  for (const board of boards) board.begin(epoch)
  const total = Math.round(perSecond * seconds)
  const startedAt = performance.now()
  let sent = 0
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond))
    for (; sent < due; sent++) sentAtUs[sent % boards.length]?.push(boards[sent % boards.length]?.sendOne() ?? 0)
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  return { seconds: (performance.now() - startedAt) / 1_000, objects: total, epoch, sentAtUs }
}

function newEpoch(): string {
  return `b${process.pid.toString(36)}x${(++epochs).toString(36)}`
}
