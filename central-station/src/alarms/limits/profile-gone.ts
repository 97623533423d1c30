import { AppError } from '@vigil/contract'

export function profileGone(): AppError {
  return new AppError('PROFILE_GONE', 'This ward has no such profile of limits, or it was retired. Look at the list again and choose another.')
}
