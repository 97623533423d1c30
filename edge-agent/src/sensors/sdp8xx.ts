import { sdpSensor } from './sdp-family.ts'

/** SDP800, SDP810 (0x25), SDP801, SDP811 (0x26). */
export const sdp8xx = sdpSensor({ model: 'sdp8xx', description: 'Differential pressure with hose barbs, mask against room', addresses: [0x25, 0x26], product: 0x0302 })
