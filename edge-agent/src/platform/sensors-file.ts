import { readFileSync } from 'node:fs'
import { AppError } from '@vigil/contract/errors'
import type { SensorPlace } from '../core/sensor-station.ts'
import type { SensorDefinition } from '../sensors/define-sensor.ts'

/** The file that says which sensors a board has. Addresses as people write them: 0x48. */
export interface SensorsFile {
  readonly sensors: readonly { readonly model: string; readonly address: string; readonly options?: Readonly<Record<string, number>> }[]
}

/**
 * What a person has said about the board's sensors, checked against what the agent knows.
 *
 * @throws AppError `SETTINGS_INVALID` with every mistake in the file.
 */
export function readSensorsFile(path: string, registry: readonly SensorDefinition[]): SensorPlace[] {
  const content = parse(path)
  const mistakes: string[] = []
  const places = content.flatMap((entry, i) => placeOf(entry, registry, (why) => {
    mistakes.push(`sensor ${i + 1}: ${why}`)
  }) ?? [])
  const addresses = places.map(({ address }) => address)
  if (new Set(addresses).size < addresses.length) mistakes.push('two sensors cannot have the same address')
  if (mistakes.length > 0) throw new AppError('SETTINGS_INVALID', `The sensors file ${path} cannot be used: ${mistakes.join('; ')}.`)
  return places
}

function parse(path: string): unknown[] {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (isRecord(content) && Array.isArray(content['sensors']) && Object.keys(content).length === 1) return content['sensors']
  } catch (cause) {
    throw new AppError('SETTINGS_INVALID', `The sensors file ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause })
  }
  throw new AppError('SETTINGS_INVALID', `The sensors file ${path} must hold {"sensors":[{"model":"tmp117","address":"0x48"}]} and nothing else.`)
}

function placeOf(entry: unknown, registry: readonly SensorDefinition[], mistake: (why: string) => undefined): SensorPlace | undefined {
  if (!isRecord(entry)) return mistake('must be an object')
  const unknown = Object.keys(entry).filter((key) => !['model', 'address', 'options'].includes(key))
  if (unknown.length > 0) mistake(`there is no ${unknown.join(', ')}`)
  const definition = registry.find(({ model }) => model === entry['model'])
  if (!definition) return mistake(`model must be one of ${registry.map(({ model }) => model).join(', ')}`)
  const address = Number(entry['address'])
  if (!definition.addresses.includes(address)) mistake(`a ${definition.model} sits at ${definition.addresses.map(hexAddress).join(', ')}`)
  const options = entry['options']
  if (options !== undefined) for (const why of wrongOptions(options, definition)) mistake(why)
  return { model: definition.model, address, ...(isRecord(options) && { options: options as Record<string, number> }) }
}

function wrongOptions(options: unknown, { model, options: known = {} }: SensorDefinition): string[] {
  if (!isRecord(options)) return ['options must be an object']
  return Object.entries(options).flatMap(([name, value]) => {
    const option = known[name]
    if (!option) return [`a ${model} has no option ${name}`]
    const fits = typeof value === 'number' && value >= option.minimum && value <= option.maximum
    return fits ? [] : [`${name} must be a number from ${option.minimum} to ${option.maximum}`]
  })
}

export const hexAddress = (address: number): string => `0x${address.toString(16).padStart(2, '0')}`

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
