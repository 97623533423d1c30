/**
 * Becomes a fresh run of the same program under the same process number, so that whoever watches over it sees no end. Everything
 * must be closed before.
 */
export function startAgain(argv: readonly string[], env: NodeJS.ProcessEnv): void {
  const [, script = '', ...words] = argv
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, script, ...words], env)
  // A Node without execve: the end is what a supervisor starts anew after.
  process.exit(0)
}
