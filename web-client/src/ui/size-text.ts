const UNITS = ['kB', 'MB', 'GB', 'TB'] as const

/** A size in bytes with one decimal, in steps of a thousand: "1.2 GB". `number` writes it as the language does. */
export function sizeText(bytes: number, number: (n: number) => string): string {
  const step = Math.min(UNITS.length, Math.max(1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1_000))))
  return `${number(Math.round((bytes / 1_000 ** step) * 10) / 10)} ${UNITS[step - 1]}`
}
