import { statfs } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { DiskRoom } from './path-health.ts'

/** Of the disk under a folder, when the database behind `databaseUrl` runs on this computer: a path of another one means nothing here. */
export function diskRoom(databaseUrl: string): (folder: string) => Promise<DiskRoom | undefined> {
  const isHere = isOwnHost(databaseUrl)
  return async (folder) => {
    if (!isHere) return undefined
    try {
      const { bavail, blocks, bsize } = await statfs(folder)
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    } catch {
      // In a container of its own: reached by loopback, on a disk that is not seen from here.
      return undefined
    }
  }
}

function isOwnHost(databaseUrl: string): boolean {
  const host = URL.parse(databaseUrl)?.hostname.replaceAll(/[[\]]/g, '') ?? ''
  return host === '' || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
