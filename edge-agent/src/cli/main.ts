#!/usr/bin/env node
const EXIT_USAGE = 2

/** Loaded when asked for: the agent that runs for months carries nothing of the commands beside it. */
const commands: Readonly<Record<string, () => Promise<(argv: readonly string[]) => Promise<void>>>> = {
  enrol: async () => (await import('./enrol.ts')).enrolCommand,
  run: startRun,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  display: async () => (await import('./display.ts')).displayCommand,
  logs: async () => (await import('./logs.ts')).logsCommand,
  scan: async () => (await import('./scan.ts')).scanCommand,
  calibrate: async () => (await import('./calibrate.ts')).calibrateCommand,
}

const help = `vigil-agent: the program on the board

  vigil-agent enrol --url URL --code CODE   let this board in, with a one-time code from the app
  vigil-agent run         measure, keep and send
  vigil-agent doctor      look at everything the agent needs, and say what to do
  vigil-agent status      how the agent on this board is doing
  vigil-agent display     what its display, light and buzzer show and sound
  vigil-agent logs        what it did last
  vigil-agent scan        list the sensors on the bus and propose a configuration
  vigil-agent calibrate   compare this board with a trusted instrument

  vigil-agent COMMAND --help tells the settings of each. Exit codes: 0 done, 1 failed or something is wrong, 2 used wrongly.
`

/** The agent itself runs for months on little memory; its help and mistakes in its settings are not worth another start. */
async function startRun(): Promise<(argv: readonly string[]) => Promise<void>> {
  await (await import('../platform/become-lean.ts')).becomeLean(process.argv.slice(2), process.env)
  return (await import('./run.ts')).runCommand
}

const [name = '--help', ...rest] = process.argv.slice(2)
const load = Object.hasOwn(commands, name) ? commands[name] : undefined
if (load) await (await load())(rest)
else {
  const asked = name === '--help' || name === '-h'
  ;(asked ? process.stdout : process.stderr).write(asked ? help : `vigil-agent: there is no command ${name}\n\n${help}`)
  if (!asked) process.exitCode = EXIT_USAGE
}
