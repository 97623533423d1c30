import { sdpSensor } from './sdp-family.ts'

/** SDP31, SDP32. */
export const sdp3x = sdpSensor({ model: 'sdp3x', description: 'Differential pressure, mask against room', addresses: [0x21, 0x22, 0x23], product: 0x0301 })
