import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Reads a JSON file that this program wrote.
 * @returns undefined when there is none
 * @throws Error naming the file when it isn't JSON
 */
export async function readJsonFile<T>(file: string): Promise<T | undefined> {
  if (!existsSync(file)) return undefined
  const text = await readFile(file, 'utf8')
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Error(`${file} is not JSON: restore it from version control, or move it away to start anew.`)
  }
}

/** Writes a JSON file as a whole or not at all, so that an interruption leaves no half of one. */
export async function writeJsonFile(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.draft`
  await writeFile(draft, `${JSON.stringify(value, undefined, 2)}\n`)
  await rename(draft, file)
}
