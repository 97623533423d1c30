import { AppError } from '@vigil/contract'

export function notInService(id: string): AppError {
  return new AppError('NOT_FOUND', `There is no device ${id} in service.`)
}
