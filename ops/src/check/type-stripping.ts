import { stripTypeScriptTypes } from 'node:module'
import type { HouseFile } from './house-files.ts'

/** Node reads some lines otherwise than the compiler and the test runner do, such as `for (const of of …)`: programs with them do not start. */
export function notReadByNode(files: readonly HouseFile[]): readonly string[] {
  return files.filter(({ path }) => path.endsWith('.ts')).flatMap(({ path, text }) => {
    try {
      stripTypeScriptTypes(text)
      return []
    } catch (error) {
      return [`${path}: ${String(error)}`]
    }
  })
}
