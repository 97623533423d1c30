import { AppError } from '../errors.ts'

/** Told of every element, in order. */
export interface XmlVisitor {
  opened(name: string, attributes: Readonly<Record<string, string>>): void
  closed(name: string): void
}

/** Longest tag; those of an export have some hundred characters. */
const LONGEST_TAG = 1024 * 1024
export const CUT_OFF = 'The file ends in the middle. What came before is stored; import it again when it is whole.'
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/**
 * Reads the tags of an XML file while it comes, and no text between them: an export of Apple Health says everything in attributes. Declares and resolves no
 * entity but the five every XML has, so there is nothing to blow up and nothing to fetch.
 */
export class XmlCutter {
  readonly #visitor: XmlVisitor
  #rest = ''

  constructor(visitor: XmlVisitor) {
    this.#visitor = visitor
  }

  /** @throws AppError INVALID_MESSAGE */
  write(text: string): void {
    const all = this.#rest + text
    let at = 0
    for (;;) {
      const begin = all.indexOf('<', at)
      if (begin < 0) {
        at = all.length
        break
      }
      const end = tagEnd(all, begin)
      if (end < 0) {
        at = begin
        break
      }
      this.#tag(all.slice(begin, end))
      at = end
    }
    this.#rest = all.slice(at)
    if (this.#rest.length > LONGEST_TAG) throw new AppError('INVALID_MESSAGE', 'This is no export of Apple Health: a tag has no end.')
  }

  end(): void {
    if (this.#rest.trim() !== '') throw new AppError('INVALID_MESSAGE', CUT_OFF)
  }

  #tag(tag: string): void {
    if (tag.startsWith('<!') || tag.startsWith('<?')) {
      if (/<!ENTITY/i.test(tag)) throw new AppError('INVALID_MESSAGE', 'The file declares entities, which no export of Apple Health does. It is refused.')
      return
    }
    if (tag.startsWith('</')) return this.#visitor.closed(tag.slice(2, -1).trim())
    const name = /^<([A-Za-z][\w.:-]*)/.exec(tag)?.[1]
    if (name === undefined) throw new AppError('INVALID_MESSAGE', 'This is no XML: a tag has no name.')
    this.#visitor.opened(name, attributesOf(tag))
    if (tag.endsWith('/>')) this.#visitor.closed(name)
  }
}

/** Position after the end of a tag, or -1 when it is not there yet. */
function tagEnd(text: string, begin: number): number {
  if (text.startsWith('<!--', begin)) return after(text, '-->', begin + 4)
  if (text.startsWith('<?', begin)) return after(text, '?>', begin + 2)
  if (text.startsWith('<![CDATA[', begin)) return after(text, ']]>', begin)
  if (text.startsWith('<!', begin)) return doctypeEnd(text, begin)
  let quote = 0
  for (let at = begin + 1; at < text.length; at++) {
    const c = text.charCodeAt(at)
    if (quote !== 0) {
      if (c === quote) quote = 0
    } else if (c === 0x22 || c === 0x27) quote = c
    else if (c === 0x3e) return at + 1
  }
  return -1
}

function after(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from)
  return at < 0 ? -1 : at + what.length
}

/** A document type may hold declarations in brackets. */
function doctypeEnd(text: string, begin: number): number {
  let depth = 0
  for (let at = begin; at < text.length; at++) {
    const c = text[at]
    if (c === '[') depth++
    else if (c === ']') depth--
    else if (c === '>' && depth === 0) return at + 1
  }
  return -1
}

const ATTRIBUTE = /([A-Za-z][\w.:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

function attributesOf(tag: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [, name = '', double, single] of tag.matchAll(ATTRIBUTE)) if (name !== '__proto__') found[name] = unescaped(double ?? single ?? '')
  return found
}

function unescaped(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{1,20});/gi, (whole, entity: string) => {
    if (entity.startsWith('#')) {
      const code = Number(entity[1] === 'x' || entity[1] === 'X' ? `0${entity.slice(1)}` : entity.slice(1))
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''
    }
    const known = NAMED[entity]
    if (known === undefined) throw new AppError('INVALID_MESSAGE', `The file uses the entity ${whole.slice(0, 24)}, which nothing declares. It is refused.`)
    return known
  })
}
