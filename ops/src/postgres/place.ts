import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readlinkSync, realpathSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '@vigil/contract'
import { canReach, type RunUser } from './run-user.ts'

const TRAVERSE_ONLY = 0o001

/** The database as the data directory names it; a link when root keeps it elsewhere. */
export function clusterPath(dataDir: string): string {
  return join(dataDir, 'postgres')
}

/**
 * The real folder of the database (which may not exist yet). It is in the data directory, except when root starts Vigil
 * in a place closed to the user that PostgreSQL has to run as: then it is under `/var/lib/vigil` and the data directory links to it.
 */
export function choosePlace(dataDir: string, user: RunUser | undefined, sharedState: string): string {
  const inData = clusterPath(dataDir)
  const known = lstatSync(inData, { throwIfNoEntry: false })
  if (known?.isSymbolicLink()) return existingTarget(inData)
  if (!user) return join(realpathSync(dataDir), 'postgres')
  // Passing through our own folder shows nothing of it: secrets inside keep their own rights.
  const mode = statSync(dataDir).mode & 0o777
  if ((mode & TRAVERSE_ONLY) === 0) chmodSync(dataDir, mode | TRAVERSE_ONLY)
  if (canReach(dataDir, user)) return join(realpathSync(dataDir), 'postgres')
  if (known) {
    throw new AppError('START_FAILED', `User ${user.uid}, who owns the database, cannot reach ${inData}. Move the data directory to a place open to that user, for example /var/lib, and set VIGIL_DATA.`)
  }
  return placeElsewhere(inData, user, sharedState)
}

function placeElsewhere(inData: string, user: RunUser, sharedState: string): string {
  const parent = join(sharedState, `database-${randomBytes(6).toString('hex')}`)
  if (mkdirSync(sharedState, { recursive: true })) chmodSync(sharedState, 0o755)
  mkdirSync(parent)
  chmodSync(parent, 0o711)
  if (!canReach(parent, user)) {
    throw new AppError('START_FAILED', `PostgreSQL runs as user ${user.uid}, who reaches neither ${dirname(inData)} nor ${sharedState}. Set VIGIL_DATA to a folder open to that user, or DATABASE_URL to a PostgreSQL of your own.`)
  }
  const place = join(parent, 'postgres')
  symlinkSync(place, inData)
  return place
}

function existingTarget(link: string): string {
  try {
    return realpathSync(link)
  } catch (cause) {
    const target = readlinkSync(link)
    // The link is made just before the database, so a start cut short between the two leaves it dangling.
    if (statSync(dirname(target), { throwIfNoEntry: false })) return target
    throw new AppError('START_FAILED', `${link} leads to ${target}, which is gone. Put the database back there, or remove the link to begin with an empty one.`, { cause })
  }
}
