export { type Bridge, type BridgeParts, startBridgeWith } from './bridge.ts'
export { type Delivery, type Publisher, type Settlement, type Source, type SourceHandlers } from './sources/source.ts'
export { type BridgeOptions, startBridge } from './start-bridge.ts'
export { type ForwardOptions, startForward } from './start-forward.ts'
