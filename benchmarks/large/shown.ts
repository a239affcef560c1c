/** A round's evidence in a folder, for another processor to train again. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { checkWindowEvidence } from '@assay/engine/run/evidence.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'

export type Shown = {
  /** Values of the state. */
  values: number
  /** One a window. */
  evidence: Uint8Array[]
  claim: Omit<Parameters<typeof checkWindowEvidence>[0], 'engine' | 'evidence' | 'window' | 'start'>
}

const NAME = 'shown.json'
const fileOf = (folder: string, window: number) => join(folder, `window-${window}`)

export async function keepShown(folder: string, { evidence, ...rest }: Shown): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [window, bytes] of evidence.entries()) await writeWholeFile(fileOf(folder, window), bytes)
  await writeWholeFile(join(folder, NAME), JSON.stringify({ ...rest, windows: evidence.length }))
}

export async function readShown(folder: string): Promise<Shown> {
  const text = await readFile(join(folder, NAME), 'utf8')
  const { windows, ...rest } = JSON.parse(text) as Omit<Shown, 'evidence'> & { windows: number }
  const evidence: Uint8Array[] = []
  for (let window = 0; window < windows; window++) evidence.push(await readFile(fileOf(folder, window)))
  return { ...rest, evidence }
}
