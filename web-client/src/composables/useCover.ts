import { onScopeDispose, watch } from 'vue'

/**
 * Tells the style sheets how many pixels at the top of the page something that stays there covers: what is below begins there, and
 * what gets the focus is scrolled clear of it. Its height changes with every alarm; a fixed number once hid the patient's name.
 * An element that scrolls away covers nothing.
 */
export function useCover(property: '--top' | '--sticky', elements: () => readonly (HTMLElement | undefined)[]): void {
  const root = document.documentElement
  const covers = (element: HTMLElement) => (getComputedStyle(element).position === 'sticky' ? element.offsetHeight : 0)
  const measure = () => root.style.setProperty(property, `${Math.max(0, ...elements().flatMap((element) => (element ? [covers(element)] : [])))}px`)
  const observer = new ResizeObserver(measure)
  watch(elements, (there) => {
    observer.disconnect()
    for (const element of there) if (element) observer.observe(element)
    measure()
  }, { flush: 'post', immediate: true })
  // A turned screen may let it stay or not, with its height unchanged.
  addEventListener('resize', measure)
  onScopeDispose(() => {
    observer.disconnect()
    removeEventListener('resize', measure)
    root.style.removeProperty(property)
  })
}
