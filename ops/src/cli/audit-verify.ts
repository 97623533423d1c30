import { resolve } from 'node:path'
import { isAppError } from '@vigil/contract'
import { verifyAudit } from '@vigil/central-station/verify-audit'
import { commonSettings, createLog, readSettings, systemClock } from '@vigil/program'
import { embeddedUrl, readPassword } from '../postgres/cluster-secrets.ts'
import { startSettings } from '../start/settings.ts'

const { databaseUrl, data, pgPort } = startSettings
const json = { env: 'VIGIL_JSON', kind: 'boolean', default: false, description: 'answer one JSON object instead of text' } as const
const about = 'computes the whole chain of the audit anew and says which entry breaks it; exit code 0 whole, 1 broken, 2 not to be had'
const { values } = readSettings('vigil audit:verify', about, { databaseUrl, data, pgPort, json, logLevel: { ...commonSettings.logLevel, default: 'error' } }, process.argv.slice(2))
const folder = resolve(values.data)
const password = readPassword(folder, 'vigil')
const url = values.databaseUrl ?? (password === undefined ? undefined : embeddedUrl('vigil', password, values.pgPort))

if (url === undefined) {
  process.stderr.write('There is no database yet. Run npm start once, or set DATABASE_URL.\n')
  process.exit(2)
}
try {
  const verdict = await verifyAudit({ databaseUrl: url, data: folder, clock: systemClock, log: createLog('audit-verify', values.logLevel) })
  const { entries, earlier, lastAtMs, head, breaks } = verdict
  const upTo = lastAtMs === null ? '' : `, up to ${new Date(lastAtMs).toISOString()}`
  const text = breaks.length === 0 ? `The audit is whole: ${entries} entries${earlier > 0 ? ` and ${earlier} from before the chain` : ''}${upTo}.\nHead ${head.seq} ${head.hash}` : ['THE AUDIT IS BROKEN:', ...breaks.map(({ sentence }) => `  ${sentence}`)].join('\n')
  process.stdout.write(`${values.json ? JSON.stringify({ ok: breaks.length === 0, ...verdict }) : text}\n`)
  process.exit(breaks.length === 0 ? 0 : 1)
} catch (error) {
  process.stderr.write(isAppError(error) ? `${error.code}: ${error.message}\n` : `The database could not be reached: ${(error as Error).message}\n`)
  process.exit(2)
}
