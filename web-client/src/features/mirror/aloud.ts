/** What a mirror says when it is read to somebody: each tile as a sentence, then whether the nurse can see. Only what stands there. */
export function aloudText(mirror: ParentNode): string {
  const words = (from: ParentNode, selector: string): string => from.querySelector(selector)?.textContent?.trim() ?? ''
  const tiles = [...mirror.querySelectorAll('.mirror-tile')].map((tile) => {
    const number = words(tile, '.vital-number')
    return `${words(tile, 'h2')}: ${words(tile, '.mirror-word')}${number === '' || number === '--' ? '' : `, ${number}`}.`
  })
  const seen = [...mirror.querySelectorAll('.mirror-seen')].map((line) => (line.textContent ?? '').replace('✓', '').replaceAll(/\s+/g, ' ').trim())
  return [...tiles, ...seen].filter(Boolean).join(' ')
}
