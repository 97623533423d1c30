import { createReadStream } from 'node:fs'
import { endianness } from 'node:os'
import type { Button, Buttons } from '../panel/panel.ts'

/** Key codes of linux/input-event-codes.h, as the device-tree overlay gives them to the two pins. */
const keys: ReadonlyMap<number, Button> = new Map([
  [28, 'measure'], // KEY_ENTER
  [139, 'menu'], // KEY_MENU
])
const EV_KEY = 1
const PRESSED = 1
/** `struct input_event`: two times of the machine's word, then type, code and value. */
const EVENT_BYTES = 24
const TYPE_AT = 16

/**
 * Two buttons on GPIO pins, read as the kernel's input events, which are already free of bounce:
 * `dtoverlay=gpio-key,gpio=17,keycode=28,label=measure` and `dtoverlay=gpio-key,gpio=27,keycode=139,label=menu` make
 * /dev/input/event0 or the like; the user must be in the group `input`.
 *
 * @param path `/dev/input/event0`; of a 64-bit kernel, whose events have 24 bytes.
 */
export function linuxButtons(paths: readonly string[], log: (event: string, facts: Readonly<Record<string, unknown>>) => void): Buttons {
  const streams = paths.map((path) => createReadStream(path, { highWaterMark: EVENT_BYTES * 16 }))
  return {
    onPress(heard) {
      streams.forEach((stream, i) => {
        const parse = createEventParser(heard)
        stream.on('data', (chunk) => parse(Buffer.from(chunk)))
        stream.on('error', (error) => log('buttons.refused', { path: paths[i], why: error.message }))
      })
    },
    close() {
      for (const stream of streams) stream.destroy()
    },
  }
}

/** Takes the bytes of an input device in any pieces and tells presses; releases and repeats are nothing. */
export function createEventParser(heard: (button: Button) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  const little = endianness() === 'LE'
  const word16 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const word32 = (bytes: Buffer, at: number): number => (little ? bytes.readInt32LE(at) : bytes.readInt32BE(at))
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (; rest.length >= EVENT_BYTES; rest = rest.subarray(EVENT_BYTES)) {
      const button = keys.get(word16(rest, TYPE_AT + 2))
      if (word16(rest, TYPE_AT) === EV_KEY && word32(rest, TYPE_AT + 4) === PRESSED && button) heard(button)
    }
  }
}
