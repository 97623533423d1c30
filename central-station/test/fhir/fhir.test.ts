import { afterAll, beforeAll } from 'vitest'
import { openValidators } from './validators.ts'
import { startFhirWard, useWard, ward } from './ward.ts'

// One station for all of it: starting one takes longer than most of what is asked of it.
beforeAll(async () => {
  // Seconds of work in which nothing else runs: before there are connections to be kept open.
  openValidators()
  useWard(await startFhirWard())
}, 120_000)
afterAll(() => ward?.stop())

await import('./search.suite.ts')
await import('./errors.suite.ts')
await import('./clients.suite.ts')
await import('./validity.suite.ts')
await import('./waveforms.suite.ts')
// Last: they store more.
await import('./paging.suite.ts')
await import('./subscriptions.suite.ts')
