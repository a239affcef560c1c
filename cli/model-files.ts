/** The files of a fetched model. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type ModelOnnx, modelOnnx } from '@assay/engine/author/model-onnx.ts'
import { blobHash, type Hash } from '@assay/engine/hash.ts'
import { installedEngine } from '@assay/engine/node/engine-pin.ts'
import { fetchTaskPackage } from '@assay/engine/package/fetch-package.ts'
import { maxModelBytes } from '@assay/engine/package/model.ts'
import { type ModelMetric, readModel } from '@assay/engine/package/model-blob.ts'
import { declaredFile } from '@assay/engine/package/package-check.ts'
import { preprocessBytes } from '@assay/engine/package/preprocess.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { filesOf, type TaskSpec } from '@assay/engine/package/task-spec.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { type BlobStore, isMissing } from '@assay/store/blob-store.ts'
import { CliError } from './failure.ts'
import { modelBom } from './model-bom.ts'
import { modelCard } from './model-card.ts'
import type { ModelFacts } from './model-facts.ts'

/** The weights: a model's blob, byte for byte. Its sha256 is the model's hash on chain. */
export const MODEL_FILE = 'model.safetensors'
/** The same for other programs: the prediction graph with the weights inside. */
const ONNX_FILE = 'model.onnx'
/** The task's package, in a folder of its own: how to predict, and how files become samples. */
export const PACKAGE_DIR = 'package'
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

/** A task's package, and its files as they are in the store, by name. */
export type FetchedPackage = { task: TaskPackage; files: ReadonlyMap<string, Uint8Array> }

/**
 * A task's package from a store, by its hash on chain.
 *
 * @throws EngineRefusal when what the store has isn't it, or it is for another version of the engine
 */
export async function fetchPackage(store: BlobStore, specHash: Hash): Promise<FetchedPackage> {
  const blobs = new Map<Hash, Uint8Array>()
  const task = await fetchTaskPackage(specHash, await installedEngine(), async (hash, maxBytes) => {
    const blob = await store.get(hash, { maxBytes })
    blobs.set(hash, blob)
    return blob
  })
  const named = filesOf(task.spec).map((name) => [name, declaredFile(task.spec, name).sha256] as const)
  const files = [['task.json', specHash] as const, ...named].map(
    ([name, hash]) => [name, blobs.get(hash)!] as const,
  )
  return { task, files: new Map(files) }
}

/** Writes a model with its package, its card and its bill of materials. @returns the files' paths, without the package's */
export async function writeModelFiles(
  folder: string,
  { facts, blob, fetched }: { facts: Omit<ModelFacts, 'files'>; blob: Uint8Array; fetched: FetchedPackage },
): Promise<string[]> {
  const packageDir = join(folder, PACKAGE_DIR)
  await mkdir(packageDir, { recursive: true })
  for (const [name, bytes] of fetched.files) await writeWholeFile(join(packageDir, name), bytes)
  const onnx = onnxOf(facts, { blob, fetched })
  const models = new Map([[MODEL_FILE, blob]])
  if (onnx !== undefined) models.set(ONNX_FILE, onnx.bytes)
  const files = new Map([...models].map(([name, bytes]) => [name, blobHash(bytes)]))
  const told = { ...facts, files, ...(onnx?.rows !== undefined && { onnxRows: onnx.rows }) }
  const whole = new Map<string, Uint8Array | string>([
    ...models,
    [CARD_FILE, modelCard(told)],
    [BOM_FILE, modelBom(told)],
  ])
  for (const [name, content] of whole) await writeWholeFile(join(folder, name), content)
  return [...whole.keys()].map((name) => join(folder, name))
}

/** The model as one ONNX file, where the package says how to predict. */
function onnxOf(
  { taskId, chainId, specHash, model }: Omit<ModelFacts, 'files'>,
  { blob, fetched }: { blob: Uint8Array; fetched: FetchedPackage },
): ModelOnnx | undefined {
  const { spec, predictGraph, preprocess } = fetched.task
  if (predictGraph === undefined) return undefined
  const words = {
    'assay.task': `${taskId} on chain ${chainId}`,
    'assay.specHash': specHash,
    'assay.round': String(model.round),
    'assay.modelHash': model.hash,
    ...(preprocess && { 'assay.preprocess': new TextDecoder().decode(preprocessBytes(preprocess)) }),
  }
  const { state } = readModel(spec, blob)
  const { state: tensors, inputs, evalBatchSize: rows } = spec
  return modelOnnx({ predictGraph, state, tensors, inputs, rows, words })
}

/** sha256 of a file of any size. @throws the system's error */
export async function hashOfFile(path: string): Promise<Hash> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return `0x${hash.digest('hex')}`
}
