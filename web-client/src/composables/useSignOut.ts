import { paths } from '../paths.ts'
import { useServices } from '../services.ts'
import { type Action, useAction } from './useAction.ts'

/** Signs out and leaves. Whether or not the server heard it, nothing of this session stays on the screen. */
export function useSignOut(): Action<[]> {
  const { session, leaveTo } = useServices()
  return useAction(async () => {
    try {
      await session.signOut()
    } finally {
      leaveTo(paths.signIn())
    }
  })
}
