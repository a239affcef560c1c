/** The files of a fetched model. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { blobHash, type Hash } from '@assay/engine/hash.ts'
import { maxModelBytes } from '@assay/engine/package/model.ts'
import { type ModelMetric, readModel } from '@assay/engine/package/model-blob.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { type BlobStore, isMissing } from '@assay/store/blob-store.ts'
import { CliError } from './failure.ts'
import { modelBom } from './model-bom.ts'
import { modelCard } from './model-card.ts'
import type { ModelFacts } from './model-facts.ts'

/** The weights: a model's blob, byte for byte. Its sha256 is the model's hash on chain. */
export const MODEL_FILE = 'model.safetensors'
const CARD_FILE = 'model-card.md'
const BOM_FILE = 'model.cdx.json'

/**
 * A model from a store, by its hash on chain.
 *
 * @throws CliError when no store has it; EngineRefusal when a committee has voted for what is no model of the task
 */
export async function fetchModelBlob(
  store: BlobStore,
  { spec, hash }: { spec: TaskSpec; hash: Hash },
): Promise<{ blob: Uint8Array; metric: ModelMetric | undefined }> {
  const blob = await store.get(hash, { maxBytes: maxModelBytes(spec) }).catch((error) => {
    if (!isMissing(error)) throw error
    throw new CliError(
      'failed',
      `No store here has the model ${hash}.`,
      'Name another with --store-url or --store-dir. A validator of the task brings it back: its oracle serves the model of the current round.',
    )
  })
  return { blob, metric: readModel(spec, blob).metric }
}

/** Writes a model with its card and its bill of materials. @returns the files' paths */
export async function writeModelFiles(
  folder: string,
  { facts, blob }: { facts: Omit<ModelFacts, 'files'>; blob: Uint8Array },
): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const weights = new Map([[MODEL_FILE, blob]])
  const files = new Map([...weights].map(([name, bytes]) => [name, blobHash(bytes)]))
  const told = { ...facts, files }
  const whole = new Map<string, Uint8Array | string>([
    ...weights,
    [CARD_FILE, modelCard(told)],
    [BOM_FILE, modelBom(told)],
  ])
  for (const [name, content] of whole) await writeWholeFile(join(folder, name), content)
  return [...whole.keys()].map((name) => join(folder, name))
}

/** sha256 of a file of any size. @throws the system's error */
export async function hashOfFile(path: string): Promise<Hash> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return `0x${hash.digest('hex')}`
}
