import { afterAll, beforeAll } from 'vitest'
import { startFhirWard, useWard, ward } from './ward.ts'

// One station for all of it: starting one takes longer than most of what is asked of it.
beforeAll(async () => useWard(await startFhirWard()))
afterAll(() => ward?.stop())

await import('./search.suite.ts')
await import('./errors.suite.ts')
