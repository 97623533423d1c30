import fc from 'fast-check'

// The same commit makes the same cases everywhere. VIGIL_SEED=any looks for new ones; a number repeats what a failure printed.
const DEFAULT_SEED = 20_261_128
const asked = process.env['VIGIL_SEED']
if (asked !== 'any') fc.configureGlobal({ seed: asked === undefined ? DEFAULT_SEED : Number(asked) })
