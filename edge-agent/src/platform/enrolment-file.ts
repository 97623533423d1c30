import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@vigil/contract/errors'
import { writeWhole } from './json-document.ts'

/** What this board learnt when it was enrolled, without its secret. */
export interface EnrolmentRecord {
  readonly device: string
  readonly site: string
  /** Broker addresses, to be tried in this order. */
  readonly mqtt: readonly string[]
  /** Central station it was enrolled at. */
  readonly server: string
}

const recordPath = (folder: string): string => join(folder, 'enrolment.json')
export const caPath = (folder: string): string => join(folder, 'ca.pem')
export const secretPath = (folder: string, device: string): string => join(folder, `${device}.secret`)

/** The secret first: a board that stops in between has no half enrolment that looks like a whole one. */
export function writeEnrolment(folder: string, record: EnrolmentRecord, { secret, ca }: { secret: string; ca: string | undefined }): void {
  writeWhole(secretPath(folder, record.device), `${secret}\n`)
  writeWhole(caPath(folder), ca ?? '')
  writeWhole(recordPath(folder), JSON.stringify(record))
}

/**
 * `undefined` when this board was never enrolled.
 *
 * @throws AppError `SETTINGS_INVALID` when the file cannot be read.
 */
export function readEnrolment(folder: string): EnrolmentRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordPath(folder), 'utf8')) as EnrolmentRecord
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new AppError('SETTINGS_INVALID', `${recordPath(folder)} cannot be read: ${(cause as Error).message}. Run vigil-agent as the user it was enrolled by, or enrol again.`, { cause })
  }
}

/**
 * The authority this board was given; `undefined` when the system's own are to be used.
 *
 * @throws AppError `SETTINGS_INVALID` when it cannot be read or is none.
 */
export function readCa(path: string): string | undefined {
  const pem = readPem(path)
  if (pem.trim() === '') return undefined
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem
  throw new AppError('SETTINGS_INVALID', `${path} holds no certificate; it must begin with -----BEGIN CERTIFICATE----- (PEM). Give the CA of the broker with --ca, or leave --ca out to use the one this board was enrolled with.`)
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new AppError('SETTINGS_INVALID', `The CA certificate ${path} cannot be read: ${(cause as Error).message}. Correct --ca, or leave it out to use the one this board was enrolled with.`, { cause })
  }
}
