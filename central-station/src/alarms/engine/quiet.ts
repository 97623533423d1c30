import { AppError, type AudioNow, type MonitoringNow } from '@vigil/contract'
import { type AlarmBook, MOST_PAUSE_MS, PAUSE_MS, subjectKey } from '@vigil/contract/alarms'
import { quietView } from '../alarm-view.ts'
import type { Asked, FromEngine } from '../place/channel.ts'

type AskedQuiet = Extract<Asked, { do: 'audio' | 'monitoring' }>

/** Does what a person asked about the sound of stays, or about the monitoring of one; answers with how it is then. @throws AppError NOT_FOUND */
export function changeQuiet(book: AlarmBook, ask: AskedQuiet, atMs: number): AudioNow | MonitoringNow {
  const stayIds = ask.do === 'audio' ? ask.stayIds : [ask.stayId]
  for (const id of stayIds) if (!change(book, subjectKey({ kind: 'stay', id }), ask, atMs)) throw new AppError('NOT_FOUND', 'This stay is not watched for alarms.')
  const key = subjectKey({ kind: 'stay', id: stayIds[0] ?? '' })
  return ask.do === 'audio' ? quietView(book.audio(key)) : quietView(book.monitoring(key))
}

function change(book: AlarmBook, key: string, ask: AskedQuiet, atMs: number): boolean {
  const { actor: by } = ask
  const why = ask.why ?? ''
  if (ask.do === 'monitoring') return book.changeMonitoring(key, ask.forMs === null ? { type: 'resume', atMs, by, why: null } : { type: 'pause', atMs, forMs: ask.forMs, by, why })
  if (ask.mode === 'paused') return book.changeAudio(key, { type: 'pause', atMs, forMs: Math.min(ask.forMs || PAUSE_MS, MOST_PAUSE_MS), by, why })
  return book.changeAudio(key, { type: ask.mode, atMs, by, why })
}

/** What stations are told of the sound or the monitoring of a stay. */
export function quietNow(book: AlarmBook, part: 'audio' | 'monitoring', stayId: string): FromEngine {
  const key = subjectKey({ kind: 'stay', id: stayId })
  return part === 'audio' ? { t: 'audio', stayId, audio: quietView(book.audio(key)) } : { t: 'monitoring', stayId, monitoring: quietView(book.monitoring(key)) }
}
