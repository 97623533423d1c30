import type { Clock } from '@vigil/contract/clock'
import type { I2c } from '../bus/i2c.ts'
import { HEIGHT, WIDTH } from './frame.ts'
import type { Screen } from './panel.ts'

// Commands of the SSD1306 datasheet (Solomon Systech, revision 1.1).
const Control = { COMMAND: 0x00, DATA: 0x40 } as const
const PAGES = HEIGHT / 8
const DISPLAY_OFF = 0xae
/** 128 × 64 dots, charge pump, horizontal addressing, upside up with the plug above. */
const setUp = [DISPLAY_OFF, 0xd5, 0x80, 0xa8, HEIGHT - 1, 0xd3, 0x00, 0x40, 0x8d, 0x14, 0x20, 0x00, 0xa1, 0xc8, 0xda, 0x12, 0x81, 0xcf, 0xd9, 0xf1, 0xdb, 0x40, 0xa4, 0xa6, 0x2e, 0xaf] as const
const COLUMN_ADDRESS = 0x21
const PAGE_ADDRESS = 0x22
/** A display that lost its supply for a moment cannot say so: it is set up and drawn anew this often. */
const ANEW_AFTER_MS = 60_000

/**
 * An SSD1306 of 128 × 64 dots. Only pages that changed are sent, each in one transfer of 129 bytes, so that sensors are read in
 * between. It has no identity and tells nothing back.
 */
export function ssd1306({ i2c, clock }: { readonly i2c: I2c; readonly clock: Clock }): Screen {
  let shown: Uint8Array | undefined
  let setUpMs = 0
  const command = (...bytes: number[]): Promise<void> => i2c.write(Uint8Array.of(Control.COMMAND, ...bytes))

  async function sendPage(page: number, bytes: Uint8Array): Promise<void> {
    await command(COLUMN_ADDRESS, 0, WIDTH - 1, PAGE_ADDRESS, page, page)
    const message = new Uint8Array(1 + WIDTH)
    message[0] = Control.DATA
    message.set(bytes, 1)
    await i2c.write(message)
  }
  async function begin(): Promise<void> {
    await command(...setUp)
    setUpMs = clock.monotonic()
  }

  return {
    async show(frame) {
      const anew = shown === undefined || clock.monotonic() - setUpMs >= ANEW_AFTER_MS
      const before = anew ? undefined : shown
      // Until every page is through, what is on the display is not known.
      shown = undefined
      if (anew) await begin()
      for (let page = 0; page < PAGES; page += 1) {
        const bytes = frame.subarray(page * WIDTH, (page + 1) * WIDTH)
        const same = before?.subarray(page * WIDTH, (page + 1) * WIDTH).every((byte, i) => byte === bytes[i]) ?? false
        if (!same) await sendPage(page, bytes)
      }
      shown = frame.slice()
    },
    close: () => command(DISPLAY_OFF),
  }
}
