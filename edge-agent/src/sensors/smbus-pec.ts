import { createCrc8 } from './crc8.ts'

/** SMBus packet error code over every byte on the wire, addresses with their read or write bit included. */
export const smbusPec = createCrc8({ polynomial: 0x07, initial: 0 })
