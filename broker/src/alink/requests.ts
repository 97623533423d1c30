import type { CommandReply, DesiredConfig } from '@vigil/contract'
import type { AlinkAnswer } from '@vigil/contract/alink/index'

/** Something the centre asks of a device, in the words of its protocol. */
export interface Request {
  /** Theirs: a whole number of 32 bits, as text. */
  readonly id: string
  readonly topic: string
  readonly payload: string
  readonly asks: { readonly command: string; readonly measures: boolean } | { readonly config: DesiredConfig; readonly none: readonly string[] }
  /** Wall clock, ms: too late afterwards. */
  readonly until: number
}

interface UnderWay extends Request {
  isSent: boolean
}

/** How many requests of one device are followed, and how many ids of commands it was given are remembered. */
const FOLLOWED = 32
const GIVEN = 64

export interface Requests {
  /** The id of the next one. */
  nextId(): string
  /** False when this command was given to the device before: nothing runs twice. */
  give(device: string, command: string): boolean
  follow(device: string, request: Request): void
  /** Sends what has not been sent; `send` says whether anybody heard it. Answers what came too late. */
  send(device: string, now: number, send: (request: Request) => boolean): readonly Request[]
  /** What this answers: by its id, or the oldest on its topic where a device tells none. Settled, unless a measurement is yet to come. */
  answered(device: string, topic: string, answer: AlinkAnswer): Request | undefined
  /** Measurements that were asked for: the next values are their result. */
  measured(device: string): readonly string[]
  /** The connection is gone, and with it every answer. Answers the commands that were sent. */
  lost(device: string): readonly string[]
}

export function createRequests(firstId: number): Requests {
  const underWay = new Map<string, UnderWay[]>()
  const given = new Map<string, string[]>()
  let next = firstId
  const of = (device: string) => underWay.get(device) ?? []
  const keep = (device: string, left: UnderWay[]) => (left.length === 0 ? underWay.delete(device) : underWay.set(device, left))

  return {
    nextId() {
      next = (next + 1) % 2 ** 32
      return String(next)
    },
    give(device, command) {
      const known = given.get(device) ?? []
      if (known.includes(command)) return false
      given.set(device, [...known, command].slice(-GIVEN))
      return true
    },
    follow(device, request) {
      // Of configurations only the newest counts.
      const others = 'config' in request.asks ? of(device).filter(({ asks, isSent }) => isSent || !('config' in asks)) : of(device)
      keep(device, [...others, { ...request, isSent: false }].slice(-FOLLOWED))
    },
    send(device, now, send) {
      const late = of(device).filter(({ until, isSent }) => !isSent && until <= now)
      keep(device, of(device).filter((request) => !late.includes(request)))
      for (const request of of(device)) request.isSent ||= send(request)
      return late
    },
    answered(device, topic, { id }) {
      const found = of(device).find((request) => request.isSent && request.topic === topic && (id === undefined || request.id === id))
      if (found && !measures(found)) keep(device, of(device).filter((request) => request !== found))
      return found
    },
    measured(device) {
      const [asked, others] = [of(device).filter((request) => request.isSent && measures(request)), of(device).filter((request) => !(request.isSent && measures(request)))]
      keep(device, others)
      return commandsIn(asked)
    },
    lost(device) {
      const sent = commandsIn(of(device).filter(({ isSent }) => isSent))
      underWay.delete(device)
      return sent
    },
  }
}

const measures = ({ asks }: Request): boolean => 'measures' in asks && asks.measures
const commandsIn = (requests: readonly Request[]): string[] => requests.flatMap(({ asks }) => ('command' in asks ? [asks.command] : []))

const OK = 200

/** A device's answer to a command, as one of ours would give it. */
export function replyOf(command: string, measuring: boolean, { code, message, data }: AlinkAnswer): CommandReply {
  if (code !== OK) return { id: command, st: 'failed', why: `The device answered with code ${code}${message === undefined ? '' : `: ${message}`}.` }
  if (measuring) return { id: command, st: 'accepted' }
  const told = Object.fromEntries(Object.entries(data).filter(([name]) => name.length <= 64))
  return { id: command, st: 'done', ...(Object.keys(told).length > 0 ? { data: told } : {}) }
}
