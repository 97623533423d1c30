import type { Plugin } from 'rolldown'

// `Register.FIFO_DATA` is for whoever reads the driver; a small board has every letter of it in a flash of 1 MB. Minifiers leave the members of objects as they are.
const TABLE = /^(?:export )?const (\w+) = (\{ [A-Z][\w]*: [^{}]+\}) as const$/gm
const ENTRY = /([A-Z]\w*): (0x[0-9a-f]+|\d+)(?=[,\s])/g
const isOurs = (id: string): boolean => /\/edge-agent\/(?:src\/(?:sensors|link|spool|core|bus)|esp)\/[\w-]+\.ts$/.test(id.replaceAll('\\', '/'))

/** Writes the number wherever a module names one of a table of numbers; a table nobody names any more goes by itself. */
export const numbersForNames: Plugin = {
  name: 'numbers-for-names',
  transform: { order: 'pre', handler: (code, id) => (isOurs(id) ? withNumbers(code) : undefined) },
}

function withNumbers(code: string): string {
  let plain = code
  for (const [, table = '', entries = ''] of code.matchAll(TABLE)) {
    for (const [, name = '', number = ''] of entries.matchAll(ENTRY)) plain = plain.replaceAll(new RegExp(`\\b${table}\\.${name}\\b`, 'g'), number)
  }
  return plain
}
