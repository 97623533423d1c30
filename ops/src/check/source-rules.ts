import { isTest, type HouseFile } from './house-files.ts'

/** A rule over the text of one file that the linter has no word for. */
export interface SourceRule {
  readonly name: string
  readonly why: string
  readonly pattern: RegExp
  readonly applies: (path: string) => boolean
}

/** Adapters to the system: the one clock, what runs before or around a program's own life, and benchmarks. */
const ADAPTER = /(^|[/-])clock\.ts$|\/cli\/|\/bench\/|^program\/src\/|^web-client\/(scripts|vite)/

/** These two name what they look for. */
const OWN_FILES = new Set(['ops/src/check/source-rules.ts', 'ops/test/check.test.ts'])

const source = (path: string) => !isTest(path) && !path.endsWith('.mjs')

export const sourceRules: readonly SourceRule[] = [
  {
    name: 'every failure has a code',
    why: 'throw an AppError of the contract, so that people and programs can act on it',
    pattern: /throw new Error\(/,
    applies: source,
  },
  {
    name: 'no test is skipped',
    why: 'a test that does not run hides what it was written for',
    pattern: /\b(?:it|test|describe)\s*\.\s*(?:skip|only|todo|skipIf|runIf|fails)\b|\bx(?:it|describe)\(/,
    applies: isTest,
  },
  {
    name: 'tests use real parts',
    why: 'a replaced module proves nothing about the one that runs',
    pattern: /\bvi\.(?:mock|doMock|hoisted)\(/,
    applies: isTest,
  },
  {
    name: 'nothing is left for later',
    why: 'finish it, or write an issue',
    pattern: /\b(?:TODO|FIXME|HACK)\b/,
    applies: () => true,
  },
  {
    name: 'settings come through the program',
    why: 'the environment is read once, checked, in cli/',
    pattern: /\bprocess\.env\b/,
    applies: (path) => source(path) && !ADAPTER.test(path),
  },
  {
    name: 'time comes through the clock',
    why: 'what reads the time itself cannot be tested by moving it',
    // A timer takes a function first; a method of ours that shares the name takes something else.
    pattern: /(?<![.\w])(?:Date\.now\(|set(?:Timeout|Interval)\((?:\(|async\b|\w+,|\w+ =>|$))|new Date\(\)/,
    applies: (path) => source(path) && !ADAPTER.test(path),
  },
  {
    name: 'types alone come by import type',
    why: 'import { type X } still loads the file at run time: every program starts slower and larger',
    pattern: /^import \{ (?:type \w+(?: as \w+)?,? ?)+\} from/,
    applies: (path) => !path.endsWith('.mjs'),
  },
  {
    name: 'files are named for what they hold',
    why: 'such a name gathers everything',
    pattern: /(?:^|\/)(?:utils?|helpers?|commons?|misc|managers?)\.(?:ts|vue)$/,
    applies: () => true,
  },
]

const NAME_RULE = 'files are named for what they hold'

/** Places that break the rule, as `file:line`. */
export function brokenPlaces(rule: SourceRule, files: readonly HouseFile[]): readonly string[] {
  const concerned = files.filter(({ path }) => rule.applies(path) && !OWN_FILES.has(path))
  if (rule.name === NAME_RULE) return concerned.filter(({ path }) => rule.pattern.test(path)).map(({ path }) => path)
  return concerned.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (rule.pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  )
}
