/** `ReportInterval` is `report_interval` in our words: commands, events and settings are written so. */
export function inOurWords(identifier: string): string {
  return identifier
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/_+/g, '_')
    .replace(/^[^a-z]+|_$/g, '')
}
