#!/usr/bin/env node
import { runCommand } from './run.ts'
import { scanCommand } from './scan.ts'
import { statusCommand } from './status.ts'

const EXIT_USAGE = 2
const commands: Readonly<Record<string, (argv: readonly string[]) => Promise<void>>> = { run: runCommand, scan: scanCommand, status: statusCommand }

const help = `vigil-agent: the program on the board

  vigil-agent run     measure, keep and send
  vigil-agent scan    list the sensors on the bus and propose a configuration
  vigil-agent status  how the agent on this board is doing

  vigil-agent COMMAND --help tells the settings of each.
`

const [name = '--help', ...rest] = process.argv.slice(2)
const command = commands[name]
if (command) await command(rest)
else {
  const asked = name === '--help' || name === '-h'
  ;(asked ? process.stdout : process.stderr).write(asked ? help : `vigil-agent: there is no command ${name}\n\n${help}`)
  if (!asked) process.exitCode = EXIT_USAGE
}
