import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** As narrow as a phone: where the layouts of this app turn to one column. */
const NARROW = '(max-width: 760px)'

/** For what is not only laid out otherwise on a phone but fetched for it alone. */
export function useNarrow(): Readonly<Ref<boolean>> {
  const query = matchMedia(NARROW)
  const narrow = ref(query.matches)
  const hear = () => void (narrow.value = query.matches)
  query.addEventListener('change', hear)
  onScopeDispose(() => query.removeEventListener('change', hear))
  return readonly(narrow)
}
