import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { makeFolderOf, replaceFile } from './durable-file.ts'

/** A name of sixteen hexadecimal digits, made once and kept in this file: what tells two central stations of a site apart. */
export async function ownId(path: string): Promise<string> {
  const known = (await readFile(path, 'utf8').catch(() => '')).trim()
  if (/^[0-9a-f]{16}$/.test(known)) return known
  const id = randomBytes(8).toString('hex')
  await makeFolderOf(path)
  await replaceFile(path, `${id}\n`)
  return id
}
