import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'
import { runProgram } from '@vigil/program'

// A small program of the house for the tests of the supervisor: it does what the files in its folder say.
await runProgram({
  name: 'child',
  purpose: 'a program for tests',
  settings: {
    data: { env: 'VIGIL_DATA', kind: 'string', default: '.', description: 'folder' },
    name: { env: 'VIGIL_DEVICE', kind: 'string', default: 'child', description: 'name' },
  },
  async start({ settings }) {
    const note = (what: string) => appendFileSync(join(settings.data, 'notes'), `${settings.name} ${what}\n`)
    const told = (what: string) => existsSync(join(settings.data, `${settings.name}.${what}`))
    note('starts')
    if (told('refuse')) throw new AppError('PORT_TAKEN', readFileSync(join(settings.data, `${settings.name}.refuse`), 'utf8'))
    if (told('hang')) await new Promise(() => setInterval(() => undefined, 1_000))
    if (told('die')) setTimeout(() => process.exit(7), 20)
    writeFileSync(join(settings.data, `${settings.name}.pid`), String(process.pid))
    return {
      ready: { pid: process.pid },
      async stop() {
        note('stops')
        if (told('linger')) await new Promise(() => undefined)
      },
    }
  },
})
