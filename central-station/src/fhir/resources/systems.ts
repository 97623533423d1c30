/** Names of code systems, as FHIR writes them. */
export const LOINC = 'http://loinc.org'
export const SNOMED = 'http://snomed.info/sct'
/** ISO/IEEE 11073-10101, the nomenclature of bedside devices. */
export const MDC = 'urn:iso:std:iso:11073:10101'
export const UCUM = 'http://unitsofmeasure.org'
export const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'
export const DATA_ABSENT = 'http://terminology.hl7.org/CodeSystem/data-absent-reason'

/** Our own names, where no public system has one. */
export const VIGIL_SIGNAL = 'urn:vigil:signal'
export const VIGIL_WAVE = 'urn:vigil:waveform'
export const VIGIL_CONDITION = 'urn:vigil:alarm-condition'
export const VIGIL_PRIORITY = 'urn:vigil:alarm-priority'
export const VIGIL_ABSENCE = 'urn:vigil:absence'
export const VIGIL_ACVPU = 'urn:vigil:acvpu'
export const VIGIL_NEWS2_PART = 'urn:vigil:news2-part'
export const VIGIL_DEVICE_ID = 'urn:vigil:device'
export const VIGIL_STAY_ID = 'urn:vigil:stay'
export const VIGIL_ROLE = 'urn:vigil:role'
export const VIGIL_AUDIT_ACTION = 'urn:vigil:audit-action'
/** Hospital numbers: which hospital's is a matter of the installation, so the system says only what kind of number it is. */
export const HOSPITAL_NUMBER = 'urn:vigil:hospital-number'
