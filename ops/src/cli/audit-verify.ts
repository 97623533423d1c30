import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isAppError } from '@vigil/contract'
import { verifyExport } from '@vigil/central-station/signed-export'
import { verifyAudit } from '@vigil/central-station/verify-audit'
import { commonSettings, createLog, readSettings, signingKeyPath, systemClock, wordsOf } from '@vigil/program'
import { embeddedUrl, readPassword } from '../postgres/cluster-secrets.ts'
import { startSettings } from '../start/settings.ts'

const { databaseUrl, data, pgPort } = startSettings
const json = { env: 'VIGIL_JSON', kind: 'boolean', default: false, description: 'answer one JSON object instead of text' } as const
const file = { env: 'VIGIL_AUDIT_FILE', kind: 'string', description: 'a signed export to check instead: needs no database, only the file and the key' } as const
const key = { env: 'VIGIL_AUDIT_KEY', kind: 'string', description: 'file with the public key to trust (PEM, as GET /api/v1/audit/key tells it); that of the data directory when absent' } as const
const about = 'computes the whole chain of the audit anew and says which entry breaks it, or checks a signed export; exit code 0 whole, 1 broken, 2 not to be had'
const { values } = readSettings('vigil audit:verify', about, { databaseUrl, data, pgPort, json, file, key, logLevel: { ...commonSettings.logLevel, default: 'error' } }, process.argv.slice(2))
const folder = resolve(values.data)

if (values.file === undefined) await checkDatabase()
else checkFile(values.file)

async function checkDatabase(): Promise<never> {
  const password = readPassword(folder, 'vigil')
  const url = values.databaseUrl ?? (password === undefined ? undefined : embeddedUrl('vigil', password, values.pgPort))
  if (url === undefined) return notToBeHad('There is no database yet. Run npm start once, or set DATABASE_URL.')
  try {
    const verdict = await verifyAudit({ databaseUrl: url, data: folder, clock: systemClock, log: createLog('audit-verify', values.logLevel) })
    const { entries, earlier, lastAtMs, head, breaks } = verdict
    const upTo = lastAtMs === null ? '' : `, up to ${new Date(lastAtMs).toISOString()}`
    const text = breaks.length === 0 ? `The audit is whole: ${entries} entries${earlier > 0 ? ` and ${earlier} from before the chain` : ''}${upTo}.\nHead ${head.seq} ${head.hash}` : ['THE AUDIT IS BROKEN:', ...breaks.map(({ sentence }) => `  ${sentence}`)].join('\n')
    return tell(breaks.length === 0, verdict, text)
  } catch (error) {
    return notToBeHad(isAppError(error) ? wordsOf(error) : `The database could not be reached: ${wordsOf(error)}`)
  }
}

function checkFile(path: string): never {
  const trusted = trustedKey()
  if (trusted === undefined) return notToBeHad(`There is no key to trust in ${folder}. Name one with --audit-key: the PEM that GET /api/v1/audit/key of the exporting station tells.`)
  let content: Buffer
  try {
    content = readFileSync(path)
  } catch (error) {
    return notToBeHad(`The file cannot be read: ${(error as Error).message}`)
  }
  const verdict = verifyExport(content, trusted)
  return tell(verdict.state === 'true', verdict, verdict.state === 'true' ? verdict.sentence : `NOT TO BE BELIEVED (${verdict.state}): ${verdict.sentence}`)
}

function trustedKey(): KeyObject | undefined {
  try {
    if (values.key !== undefined) return createPublicKey(readFileSync(values.key))
    const own = signingKeyPath(folder)
    return existsSync(own) ? createPublicKey(createPrivateKey(readFileSync(own))) : undefined
  } catch (error) {
    return notToBeHad(`The key cannot be read: ${(error as Error).message}`)
  }
}

function tell(ok: boolean, verdict: object, text: string): never {
  process.stdout.write(`${values.json ? JSON.stringify({ ok, ...verdict }) : text}\n`)
  process.exit(ok ? 0 : 1)
}

function notToBeHad(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}
