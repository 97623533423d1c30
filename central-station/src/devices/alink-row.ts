/** A device that speaks Alink; its secret is sealed. */
export interface AlinkRow {
  readonly productKey: string
  readonly deviceName: string
  readonly services: readonly string[]
  readonly settings: readonly string[]
  readonly secretSealed: Buffer
}
