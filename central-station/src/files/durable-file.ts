import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Names of patients and hashes of sessions stand in these files: for this user alone. */
export const PRIVATE_FILE = 0o600
const PRIVATE_FOLDER = 0o700

export async function makeFolderOf(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER })
}

/** Replaces a file whole: after a power cut it holds the old text or the new one, never half. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`
  const file = await open(draft, 'w', PRIVATE_FILE)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
  await syncFolder(dirname(path))
}

/** A rename is durable only once its folder is; systems that cannot open folders (Windows) need no such call. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle
  try {
    folder = await open(path, 'r')
  } catch {
    return
  }
  try {
    await folder.sync()
  } catch {
    return
  } finally {
    await folder.close()
  }
}
