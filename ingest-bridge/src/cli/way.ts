import { readFileSync } from 'node:fs'
import { AppError } from '@vigil/contract'
import type { AmqpAddress } from '../sources/amqp-address.ts'
import { cloudOf, type CloudSettings } from './cloud.ts'

export type Way =
  | { readonly mode: 'mqtt'; readonly databaseUrl: string; readonly amqp: undefined }
  | { readonly mode: 'amqp' | 'cloud'; readonly databaseUrl: string; readonly amqp: AmqpAddress }
  | { readonly mode: 'forward'; readonly amqp: AmqpAddress }

export interface WaySettings extends CloudSettings {
  readonly mode: string
  readonly databaseUrl: string | undefined
  readonly amqpUrl: string | undefined
  readonly amqpQueue: string | undefined
  readonly amqpCa: string | undefined
}

/** Which way the data goes, with what that needs. @throws AppError `SETTINGS_INVALID` naming what is missing. */
export function chooseWay(settings: WaySettings): Way {
  const { mode } = settings
  if (mode === 'mqtt') return { mode, databaseUrl: databaseOf(settings), amqp: undefined }
  if (mode === 'amqp') return { mode, databaseUrl: databaseOf(settings), amqp: amqpOf(settings) }
  if (mode === 'cloud') return { mode, databaseUrl: databaseOf(settings), amqp: cloudOf(settings, settings.amqpUrl, readCa(settings.amqpCa)) }
  if (mode === 'forward') return { mode, amqp: amqpOf(settings) }
  throw new AppError('SETTINGS_INVALID', `VIGIL_BRIDGE_MODE is "${mode}": it must be mqtt, forward, amqp or cloud.`)
}

export function readCa(path: string | undefined): string | undefined {
  return path === undefined ? undefined : readFileSync(path, 'utf8')
}

function databaseOf({ databaseUrl }: WaySettings): string {
  if (databaseUrl === undefined) throw new AppError('SETTINGS_INVALID', 'The bridge needs a database: set DATABASE_URL, or --database-url.')
  return databaseUrl
}

function amqpOf({ mode, amqpUrl, amqpQueue, amqpCa }: WaySettings): AmqpAddress {
  if (amqpUrl === undefined || amqpQueue === undefined) throw new AppError('SETTINGS_INVALID', `The bridge in mode ${mode} needs an AMQP queue: set VIGIL_AMQP_URL and VIGIL_AMQP_QUEUE.`)
  return { url: amqpUrl, queue: amqpQueue, ca: readCa(amqpCa) }
}
