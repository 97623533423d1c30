import { numbersForNames } from './numbers-for-names.ts'
import { withoutProse } from './without-prose.ts'

// One file for the Moddable SDK's mcconfig: the agent and the contract in it, the SDK's own modules left to the SDK.
const isOurs = (name) => name.startsWith('.') || name.startsWith('/') || name.startsWith('@vigil/')

export default {
  input: 'edge-agent/esp/main.ts',
  external: (name) => !isOurs(name),
  plugins: [numbersForNames, withoutProse],
  output: { file: 'edge-agent/esp/dist/main.js', format: 'esm', minify: true },
}
