/** The protocol without the rules of a ward, for those who bring their own: a house, and listeners. */
export { createGuardedBroker, type GuardedBroker } from './aedes/guarded-broker.ts'
export { createAdmission } from './guard/admission.ts'
export { listenTcp } from './listen/tcp.ts'
export type { House } from './protocol/house.ts'
export { createRefusals, Refusal } from './refusals.ts'
export { createSessions } from './session.ts'

/** The broker as other packages start it: with their own registry, on free ports, with time they move by hand. */
export { memoryVerifiers, type MemoryVerifiers } from './identity/memory-verifiers.ts'
export { macOf, type Verifier, type VerifierFacts, type Verifiers } from './identity/verifiers.ts'
export { type BrokerLimits, defaultLimits } from './limits.ts'
export { refusalReasons, type RefusalReason } from './refusals.ts'
export { type BrokerOptions, type RunningBroker, startBroker } from './start-broker.ts'
export { type DevelopmentTls, ensureDevelopmentTls } from './tls/development-ca.ts'
