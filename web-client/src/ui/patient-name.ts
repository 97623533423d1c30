/** The parts of a name the screens use. */
export interface NamedPatient {
  readonly familyName: string
  readonly givenName: string
  readonly title: string
}

/** `KOWALSKI, Ewa (Ms)`: the NHS patient banner's form. */
export function fullName({ familyName, givenName, title }: NamedPatient): string {
  const given = [givenName, title && `(${title})`].filter(Boolean).join(' ')
  return given ? `${familyName.toLocaleUpperCase()}, ${given}` : familyName.toLocaleUpperCase()
}

/** `KOWALSKI, E`: for a tile. */
export function shortName({ familyName, givenName }: Pick<NamedPatient, 'familyName' | 'givenName'>): string {
  const initial = Array.from(givenName)[0]
  return initial ? `${familyName.toLocaleUpperCase()}, ${initial.toLocaleUpperCase()}` : familyName.toLocaleUpperCase()
}

/** `129 728 7652`: ten digits in the groups people read aloud; anything else as it is. */
export function groupedIdentifier(identifier: string): string {
  return /^\d{10}$/.test(identifier) ? identifier.replace(/(\d{3})(\d{3})(\d{4})/, '$1 $2 $3') : identifier
}
