import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'

/**
 * Reads a JSON file that this program wrote.
 * @param wayOut what to do when it isn't JSON
 * @returns undefined when there is none
 * @throws Error naming the file when it isn't JSON
 */
export async function readJsonFile<T>(
  file: string,
  wayOut = 'restore it from version control, or move it away to start anew',
): Promise<T | undefined> {
  if (!existsSync(file)) return undefined
  const text = await readFile(file, 'utf8')
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Error(`${file} is not JSON: ${wayOut}.`)
  }
}

/** Writes a JSON file as a whole or not at all, so that an interruption leaves no half of one. */
export async function writeJsonFile(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeWholeFile(file, `${JSON.stringify(value, undefined, 2)}\n`)
}
