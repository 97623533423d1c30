import type { Json } from './ward.ts'

/** Clients and validators that others wrote, as far as the tests use them. Their own types bring the browser's, which differ from Node's. */
const load = async <T>(name: string): Promise<T> => (await import(name)) as T

interface SmartClient {
  readonly patient: { read(): Promise<Json> }
  request<T>(what: string | { readonly url: string }, options?: object): Promise<T>
}
interface KitClient {
  capabilityStatement(): Promise<Json>
  read(what: { readonly resourceType: string; readonly id: string }): Promise<Json>
  search(what: object): Promise<Json>
  nextPage(what: { readonly bundle: Json }): Promise<Json>
  operation(what: object): Promise<Json>
}
interface Medplum {
  readResource(type: string, id: string): Promise<Json>
  searchOne(type: string, query: string): Promise<Json>
  searchResources(type: string, query: object): Promise<Json[]>
  searchResourcePages(type: string, query: object): AsyncIterable<Json[]>
  readPatientEverything(id: string): Promise<Json>
  createResource(resource: object): Promise<Json>
  deleteResource(type: string, id: string): Promise<unknown>
}
export interface Definitions {
  readonly entry: readonly { readonly resource: { readonly resourceType: string; readonly url: string; readonly type?: string } }[]
}
interface MedplumCore {
  readonly MedplumClient: new (options: object) => Medplum
  indexStructureDefinitionBundle(bundle: Definitions): void
  validateResource(resource: object, options?: { readonly profile: object }): unknown
}
interface SecondValidator {
  validate(resource: object, options: { readonly errorOnUnexpected: boolean }): { readonly messages: readonly { readonly severity: string; readonly location: string; readonly message: string }[] }
}

export const medplum = await load<MedplumCore>('@medplum/core')
/** On a server it is made for one request of a browser; here there is none. */
export const { default: smart } = await load<{ default: (request: object, response: object, storage: object) => { client(state: object): SmartClient } }>('fhirclient')
export const { Client: KitClient } = await load<{ Client: new (options: object) => KitClient }>('fhir-kit-client')
export const { Fhir } = await load<{ Fhir: new () => SecondValidator }>('fhir')
