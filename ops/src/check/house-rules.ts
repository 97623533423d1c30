import { readSources } from './house-files.ts'
import { inexactVersions, lockedAddresses, missingFromLock, readDependencies, readPage, undocumented } from './manifest-rules.ts'
import { brokenPlaces, sourceRules } from './source-rules.ts'
import { notReadByNode } from './type-stripping.ts'

export interface RuleOutcome {
  readonly name: string
  readonly why: string
  /** Empty when the rule holds. */
  readonly broken: readonly string[]
}

/** Rules of this house that no general tool checks; each counts as one test. */
export function checkHouseRules(root: string): readonly RuleOutcome[] {
  const files = readSources(root)
  const dependencies = readDependencies(root)
  return [
    { name: 'versions are exact', why: 'the same commit installs the same everywhere', broken: inexactVersions(dependencies) },
    { name: 'the lock file names no registry', why: 'each machine uses its own', broken: lockedAddresses(readPage(root, 'package-lock.json')) },
    { name: 'the lock file is complete', why: 'a clean clone installs from it, on every platform', broken: missingFromLock(readPage(root, 'package-lock.json')) },
    { name: 'every dependency is accounted for', why: 'why it is here, and under which licence', broken: undocumented(dependencies, readPage(root, 'docs/dependencies.md')) },
    { name: 'Node reads every file', why: 'what only the compiler and the test runner can read does not start', broken: notReadByNode(files) },
    ...sourceRules.map((rule) => ({ name: rule.name, why: rule.why, broken: brokenPlaces(rule, files) })),
  ]
}
