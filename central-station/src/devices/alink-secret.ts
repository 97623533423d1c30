import { randomBytes } from 'node:crypto'
import { AppError, type NewAlinkDevice } from '@vigil/contract'
import { problemOfModel } from '@vigil/contract/alink/index'
import type { Seal } from '@vigil/program'
import type { AlinkRow } from './alink-row.ts'

/** As the console of their platform makes them: 32 hexadecimal digits. */
const SECRET_BYTES = 16

/** The row of a device that speaks Alink, and its secret, which is told once. @throws AppError INVALID_REQUEST */
export function sealAlink({ productKey, deviceName, services = [], settings = [], secret = randomBytes(SECRET_BYTES).toString('hex') }: NewAlinkDevice, seal: Seal): { row: AlinkRow; secret: string } {
  const problem = problemOfModel({ services, settings })
  if (problem !== undefined) throw new AppError('INVALID_REQUEST', problem, { details: { field: 'alink' } })
  return { row: { productKey, deviceName, services, settings, secretSealed: seal.seal(secret) }, secret }
}
