// Records objects as fast as it can and says each number on standard output once `append` has returned for it.
import { writeSync } from 'node:fs'
import { openSqliteSpool } from '../../src/spool/open-sqlite-spool.ts'

const store = openSqliteSpool({ path: process.argv[2] as string, limitBytes: Number(process.argv[3]) })
for (;;) {
  const n = store.lastSeq() + 1
  const batch = Array.from({ length: 1 + (n % 3) }, (_, i) => ({ kind: 'sample' as const, body: `{"t":${n + i},"m":{"pr":${(n + i) % 200}},"note":"${'as long as an object of a board with every sensor '.repeat(4)}"}` }))
  if (store.append(batch) === undefined) store.drop([1, n], 32)
  else writeSync(1, `${store.lastSeq()}\n`)
  if (n % 7 === 0) store.saveCovered([[1, Math.max(1, n - 50)]])
}
