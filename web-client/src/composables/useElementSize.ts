import { onBeforeUnmount, onMounted, reactive, type Ref } from 'vue'

/** Content size of an element in CSS pixels; zero until it is on the page. */
export function useElementSize(element: Ref<HTMLElement | null>): { readonly width: number; readonly height: number } {
  const size = reactive({ width: 0, height: 0 })
  let observer: ResizeObserver | undefined
  onMounted(() => {
    observer = new ResizeObserver(([entry]) => {
      if (entry) Object.assign(size, { width: entry.contentRect.width, height: entry.contentRect.height })
    })
    if (element.value) observer.observe(element.value)
  })
  onBeforeUnmount(() => observer?.disconnect())
  return size
}
