/** Names, bits and values of the MAX30102 and MAX30105 datasheets (Maxim 19-7740, 19-100031), so a reviewer can check them. */
export const Register = {
  INTERRUPT_STATUS_1: 0x00,
  INTERRUPT_STATUS_2: 0x01,
  INTERRUPT_ENABLE_1: 0x02,
  INTERRUPT_ENABLE_2: 0x03,
  FIFO_WR_PTR: 0x04,
  OVF_COUNTER: 0x05,
  FIFO_RD_PTR: 0x06,
  FIFO_DATA: 0x07,
  FIFO_CONFIG: 0x08,
  MODE_CONFIG: 0x09,
  SPO2_CONFIG: 0x0a,
  LED1_RED: 0x0c,
  LED2_IR: 0x0d,
  LED3_GREEN: 0x0e,
  MULTI_LED_12: 0x11,
  MULTI_LED_34: 0x12,
  DIE_TEMP_INTEGER: 0x1f,
  DIE_TEMP_CONFIG: 0x21,
  PART_ID: 0xff,
} as const

export const PART_ID = 0x15

export const Status1 = { A_FULL: 0x80, PPG_RDY: 0x40, PWR_RDY: 0x01 } as const
export const Status2 = { DIE_TEMP_RDY: 0x02 } as const
export const Mode = { SHUTDOWN: 0x80, RESET: 0x40, SPO2: 0x03, MULTI_LED: 0x07 } as const
export const TEMP_EN = 0x01

export const FIFO_DEPTH = 32
/** One LED's part of a sample in the FIFO; the LEDs follow each other in the order of their slots. */
export const COUNT_BYTES = 3
/** 18 bits, left-justified whatever the resolution; the six bits above are not defined. */
export const COUNT_MASK = 0x3ffff
export const LED_MA_PER_LSB = 0.2
export const DIE_CEL_PER_LSB = 0.0625

/** 25 samples a second: 100 conversions, four averaged on the chip. */
export const OUTPUT_HZ = 25
