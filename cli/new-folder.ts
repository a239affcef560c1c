import { readdir } from 'node:fs/promises'
import { CliError } from './failure.ts'

/** Refuses a folder that has something in it. @throws CliError; the system's error when it can't be read */
export async function requireEmpty(out: string): Promise<void> {
  const found = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (found.length > 0)
    throw new CliError('usage', `${out} is not empty.`, 'Give --out a new folder: nothing is overwritten.')
}
