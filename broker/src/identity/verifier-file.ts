import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import type { Log } from '@vigil/program'
import type { Verifier } from './verifiers.ts'

/** Only keyed hashes and sealed secrets are in the file; without the pepper they are worth nothing. Still nobody else may read it. */
const FILE_MODE = 0o600

const VERSION = 1

interface Content {
  readonly version: typeof VERSION
  readonly pepper: string
  readonly devices: Readonly<Record<string, Verifier>>
}

export interface VerifierFile {
  /** What was remembered; empty when there is no file, when it cannot be read, or when it belongs to another pepper. */
  read(): Map<string, Verifier>
  write(verifiers: Iterable<[string, Verifier]>): void
}

/**
 * The verifiers on disk, so that the broker can be restarted, and devices can come back, while the database is away.
 * Written beside and renamed, so a reader sees the old file or the new one.
 */
export function createVerifierFile({ path, pepper, log }: { path: string; pepper: Buffer; log: Log }): VerifierFile {
  const fingerprint = createHash('sha256').update('vigil verifier file').update(pepper).digest('hex').slice(0, 16)
  return {
    read() {
      if (!existsSync(path)) return new Map()
      const content = parse(path)
      if (!isContent(content) || content.pepper !== fingerprint) {
        log.warn({ path, why: isContent(content) ? 'made with another pepper' : 'not a file of ours' }, 'broker.verifier_file_ignored')
        return new Map()
      }
      return new Map(Object.entries(content.devices))
    },
    write(verifiers) {
      const draft = `${path}.new`
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
        writeFileSync(draft, JSON.stringify({ version: VERSION, pepper: fingerprint, devices: Object.fromEntries(verifiers) }), { mode: FILE_MODE })
        renameSync(draft, path)
      } catch (error) {
        // The file only helps when the database is away; a full disk must not stop the ward now.
        log.error({ path, err: error }, 'broker.verifier_file_not_written')
      }
    },
  }
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function isContent(value: unknown): value is Content {
  if (!isRecord(value) || value['version'] !== VERSION || typeof value['pepper'] !== 'string') return false
  return isRecord(value['devices']) && Object.values(value['devices']).every(isVerifier)
}

function isVerifier(value: unknown): value is Verifier {
  if (!isRecord(value)) return false
  const { site, mac, retired, previous, alink } = value
  const previousFits = previous === undefined || (isRecord(previous) && typeof previous['mac'] === 'string' && typeof previous['untilMs'] === 'number')
  return typeof site === 'string' && typeof mac === 'string' && typeof retired === 'boolean' && previousFits && (alink === undefined || isAlink(alink))
}

function isAlink(value: unknown): boolean {
  if (!isRecord(value)) return false
  const texts = [value['productKey'], value['deviceName'], value['sealed']]
  return texts.every((text) => typeof text === 'string') && [value['services'], value['settings']].every(Array.isArray)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
