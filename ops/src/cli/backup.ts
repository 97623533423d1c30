import { resolve } from 'node:path'
import { systemClock } from '@vigil/program'
import { backup } from '../backup/backup.ts'
import { runBackupCommand } from '../backup/command.ts'

await runBackupCommand({
  name: 'backup',
  purpose: 'saves the whole database, and the secrets of this data directory, while the ward runs',
  folder: { env: 'VIGIL_OUT', kind: 'string', description: 'folder to make; backup-<time> here unless told' },
  async run({ folder, dataDir, databaseUrl, onEmbedded }) {
    const into = resolve(folder ?? `backup-${new Date(systemClock.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}`)
    const save = (url: string, files?: string) => backup({ databaseUrl: url, into, dataDir: files, clock: systemClock })
    const { tables, files } = databaseUrl === undefined ? await onEmbedded((url) => save(url, dataDir)) : await save(databaseUrl, dataDir)
    const bytes = [...tables, ...files].reduce((sum, file) => sum + file.bytes, 0)
    return `${into}\n${tables.length} tables, ${tables.reduce((sum, { rows }) => sum + rows, 0)} rows, ${files.length} files of secrets and TLS, ${(bytes / 1e6).toFixed(1)} MB.\nIt holds patients' data and the ward's secrets: keep it where only you can read it.\n`
  },
})
