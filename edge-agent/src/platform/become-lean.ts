import { agentInOneFile } from './one-file.ts'

/**
 * For a process that stays small, each measured (docs/agent.md): the young generation of 1 MB is emptied more often; simple machine code for everything
 * instead of optimised code for some, whose compilers alone touch 9 MB and gain nothing at one object a second;
 * garbage is taken out by the thread that makes it, which then waits for no other;
 * warnings of the runtime's young parts are for its developers.
 */
const smallHeap = ['--max-semi-space-size=1', '--max-old-space-size=96', '--no-turbofan', '--no-maglev', '--always-sparkplug', '--v8-pool-size=1', '--single-threaded-gc', '--disable-warning=ExperimentalWarning']
/** One arena of glibc's allocator instead of one for each thread; a thread for the bus and one for the name server. */
const fewThreads = { MALLOC_ARENA_MAX: '1', UV_THREADPOOL_SIZE: '2' }

/**
 * Becomes the agent in one file under the same process number, whoever started it. Returns where that cannot be done: then the agent runs from
 * its sources, which does the same and takes more memory.
 */
export async function becomeLean(words: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  // A parent that listens through a channel would lose it.
  if (process.execve === undefined || process.connected) return
  const file = await agentInOneFile()
  if (file !== undefined) process.execve(process.execPath, [process.execPath, ...smallHeap, ...process.execArgv, file, ...words], { ...fewThreads, ...env })
}
