import { onBeforeUnmount, onMounted, reactive, type Ref } from 'vue'

/**
 * Size of an element without padding, in CSS pixels; zero until it is on the page. Known with the first picture: what is laid out by
 * it would otherwise be laid out twice.
 */
export function useElementSize(element: Ref<HTMLElement | null>): { readonly width: number; readonly height: number } {
  const size = reactive({ width: 0, height: 0 })
  let observer: ResizeObserver | undefined
  onMounted(() => {
    observer = new ResizeObserver(([entry]) => {
      if (entry) Object.assign(size, { width: entry.contentRect.width, height: entry.contentRect.height })
    })
    if (!element.value) return
    Object.assign(size, { width: element.value.clientWidth, height: element.value.clientHeight })
    observer.observe(element.value)
  })
  onBeforeUnmount(() => observer?.disconnect())
  return size
}
