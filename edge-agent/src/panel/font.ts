/**
 * A font of 5 × 7 dots: each glyph is seven rows from the top, a row being one digit of base 32 with the leftmost dot as its
 * highest bit. Capitals only: at arm's length small letters of seven rows cannot be read.
 */
const UNKNOWN = 'EH12404'
const glyphs: Readonly<Record<string, string>> = {
  ' ': '0000000', '.': '00000CC', ',': '0000C48', ':': '0CC0CC0', '-': '000V000', _: '000000V', '/': '01248G0', '%': 'OP248J3',
  '+': '044V440', '!': '4444004', '?': UNKNOWN, '(': '2488842', ')': '8422248', '=': '00V0V00', '°': 'CIIC000', "'": 'C480000',
  '#': 'AAVAVAA', '<': '248G842', '>': '8421248',
  '@': 'EHNLNGE', '&': 'CIK8LID', '"': 'AAA0000', ';': '0CC0C48', '*': '04LEL40', '[': 'E88888E', ']': 'E22222E', '¿': '4048GHE', '¡': '4044444',
  0: 'EHJLPHE', 1: '4C4444E', 2: 'EH1248V', 3: 'V2421HE', 4: '26AIV22', 5: 'VGU11HE', 6: '68GUHHE', 7: 'V124888', 8: 'EHHEHHE', 9: 'EHHF12C',
  A: 'EHHVHHH', B: 'UHHUHHU', C: 'EHGGGHE', D: 'SIHHHIS', E: 'VGGUGGV', F: 'VGGUGGG', G: 'EHGNHHF', H: 'HHHVHHH', I: 'E44444E', J: '72222IC',
  K: 'HIKOKIH', L: 'GGGGGGV', M: 'HRLLHHH', N: 'HHPLJHH', O: 'EHHHHHE', P: 'UHHUGGG', Q: 'EHHHLID', R: 'UHHUKIH', S: 'FGGE11U', T: 'V444444',
  U: 'HHHHHHE', V: 'HHHHHA4', W: 'HHHLLLA', X: 'HHA4AHH', Y: 'HHHA444', Z: 'V1248GV',
}

export const GLYPH_WIDTH = 5
export const GLYPH_HEIGHT = 7
/** With one dot between two letters. */
export const ADVANCE = GLYPH_WIDTH + 1

/** What keyboards of phones write by themselves. */
const alike: Readonly<Record<string, string>> = { '’': "'", '‘': "'", '“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '–': '-', '—': '-', '…': '.' }

/** Marks that Unicode takes off a letter by itself, and the one letter it does not know as marked. */
const MARKS = /\p{M}/gu
const bareOf = (capital: string): string => (capital === 'Ł' ? 'L' : (alike[capital] ?? capital.normalize('NFD').replace(MARKS, '')))

/** Letters of a text that the display has no picture for, each once. */
export const strangersIn = (text: string): readonly string[] => [...new Set(text)].filter((character) => character !== '?' && !/\s/.test(character) && glyphOf(character) === UNKNOWN)

/** Rows of five bits from the top. A letter with a mark is drawn without it; what the font does not have is a question mark. */
export function rowsOf(character: string): readonly number[] {
  return Array.from(glyphOf(character), (digit) => Number.parseInt(digit, 32))
}

function glyphOf(character: string): string {
  const capital = character.toUpperCase()
  return glyphs[capital] ?? glyphs[bareOf(capital)] ?? UNKNOWN
}
