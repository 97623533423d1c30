import { runCommand } from './run.ts'

// The entry of the agent in one file; see one-file.ts. The words are those of `vigil-agent`: run, then its settings.
await runCommand(process.argv.slice(3))
