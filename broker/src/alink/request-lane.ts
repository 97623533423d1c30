import { checkCommand, checkDesiredConfig, type Clock, type CommandReply, type DesiredConfig, type ReportedConfig, topicOf } from '@vigil/contract'
import { type AlinkSaid, MEASURE_NOW, propertiesOf, readAnswer, requestText, serviceOf, serviceTopic, setTopic } from '@vigil/contract/alink/index'
import { readJson } from '@vigil/program'
import type { AlinkMetrics } from './alink-metrics.ts'
import type { Poster } from './post-lane.ts'
import type { Voice } from '../voice.ts'
import { createRequests, replyOf, type Request } from './requests.ts'

export interface RequestLane {
  /** A command of the central station. */
  command(poster: Poster, payload: Buffer): void
  /** A configuration it asks for. */
  desired(poster: Poster, payload: Buffer): void
  /** A device's answer. */
  answer(poster: Poster, said: Extract<AlinkSaid, { what: 'set_reply' | 'service_reply' }>, payload: Buffer): void
  measured(poster: Poster): void
  /** It listens to something more: what was asked meanwhile may be heard now. */
  listens(poster: Poster): void
  lost(poster: Poster): void
  /** The configuration it has said it runs with; 0 while it has said nothing. */
  version(device: string): number
  forget(device: string): void
}

const LATER = Number.MAX_SAFE_INTEGER
const OK = 200

/** What the centre asks of devices that speak Alink, and what they answer, in the words of either side. */
export function createRequestLane({ voice, metrics, clock, firstId }: { voice: Voice; metrics: AlinkMetrics; clock: Clock; firstId: number }): RequestLane {
  const requests = createRequests(firstId)
  const versions = new Map<string, number>()

  const reply = (poster: Poster, said: CommandReply) => voice.publish(topicOf(poster, 'command/reply'), JSON.stringify(said))
  const report = (poster: Poster, reported: ReportedConfig) => {
    versions.set(poster.device, reported.version)
    voice.publish(topicOf(poster, 'config/reported'), JSON.stringify(reported), true)
  }
  const send = (poster: Poster) => {
    for (const { asks } of requests.send(poster.device, clock.now(), ({ topic, payload }) => voice.deliver(topic, payload) > 0)) {
      if ('command' in asks) reply(poster, { id: asks.command, st: 'expired', why: 'The device did not listen for it in time.' })
    }
  }
  const ask = (poster: Poster, request: Omit<Request, 'id' | 'payload'>, method: string, params: Readonly<Record<string, unknown>>) => {
    const id = requests.nextId()
    requests.follow(poster.device, { ...request, id, payload: requestText(id, method, params) })
    send(poster)
  }

  return {
    command(poster, payload) {
      const checked = checkCommand(readJson(payload))
      if (!checked.ok) return
      const { id: command, do: name, args, exp: until } = checked.value
      if (until <= clock.now()) return reply(poster, { id: command, st: 'expired' })
      const service = serviceOf(poster.alink, name)
      if (service === undefined && name !== MEASURE_NOW) return reply(poster, { id: command, st: 'refused', why: `Its thing model has no service for ${name}.` })
      // It may have run before the connection broke, and these boards do not know a command again.
      if (!requests.give(poster.device, command)) return reply(poster, { id: command, st: 'unknown', why: 'The device was given this command before. Whether it ran is not known.' })
      if (service !== undefined) ask(poster, { topic: serviceTopic(poster.alink, service), asks: { command, measures: false }, until }, `thing.service.${service}`, args)
      else ask(poster, { topic: setTopic(poster.alink), asks: { command, measures: true }, until }, 'thing.service.property.set', {})
    },
    desired(poster, payload) {
      const checked = checkDesiredConfig(readJson(payload))
      if (!checked.ok || checked.value.version <= (versions.get(poster.device) ?? 0)) return
      const config = checked.value
      const { params, none } = propertiesOf(poster.alink, config.set)
      if (Object.keys(params).length === 0) return report(poster, { version: config.version, set: {}, ...errorsOf(none, {}) })
      ask(poster, { topic: setTopic(poster.alink), asks: { config, none }, until: LATER }, 'thing.service.property.set', params)
    },
    answer(poster, said, payload) {
      const answer = readAnswer(payload.toString())
      if (!answer) return metrics.answer('unreadable')
      const topic = said.what === 'set_reply' ? setTopic(poster.alink) : serviceTopic(poster.alink, said.identifier)
      const request = requests.answered(poster.device, topic, answer)
      metrics.answer(request ? 'placed' : 'unplaced')
      if (!request) return
      if ('command' in request.asks) return reply(poster, replyOf(request.asks.command, request.asks.measures, answer))
      report(poster, reportedOf(request.asks, answer.code, answer.message))
    },
    measured(poster) {
      for (const id of requests.measured(poster.device)) reply(poster, { id, st: 'done' })
    },
    listens: send,
    lost(poster) {
      for (const id of requests.lost(poster.device)) reply(poster, { id, st: 'unknown', why: 'The connection to the device broke before it answered.' })
    },
    version: (device) => versions.get(device) ?? 0,
    forget: (device) => void versions.delete(device),
  }
}

function reportedOf({ config, none }: { readonly config: DesiredConfig; readonly none: readonly string[] }, code: number, message: string | undefined): ReportedConfig {
  const asked = Object.entries(config.set).filter(([key]) => !none.includes(key))
  if (code === OK) return { version: config.version, set: Object.fromEntries(asked), ...errorsOf(none, {}) }
  const why = `The device answered with code ${code}${message === undefined ? '' : `: ${message}`}.`
  return { version: config.version, set: {}, ...errorsOf(none, Object.fromEntries(asked.map(([key]) => [key, why]))) }
}

function errorsOf(none: readonly string[], refused: Readonly<Record<string, string>>): { errors?: Record<string, string> } {
  const errors = { ...refused, ...Object.fromEntries(none.map((key) => [key, 'Its thing model has no property for this setting.'])) }
  return Object.keys(errors).length === 0 ? {} : { errors }
}
