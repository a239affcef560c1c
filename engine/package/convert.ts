/**
 * Brings packages of older formats over. The oldest kept the held-out pool in `data/holdout.safetensors`, for everybody
 * who had the package; the next one named it by its root, as packages do now. All of them trained at one learning rate.
 */
import { z } from 'zod4'
import { blobHash, type Hash } from '../hash.ts'
import { demand, refusing } from '../refusal.ts'
import { DEFAULT_DATA_LIMITS, readDataset } from './data.ts'
import {
  checkPin,
  type EncodedPackage,
  type EnginePin,
  encodePackage,
  encodeTask,
  type TaskFiles,
} from './package-check.ts'
import { swapNames } from './rename-values.ts'
import { ACCURACY, type Grid } from './sample-spec.ts'
import { parseState } from './state.ts'
import {
  checkTaskSpec,
  formatOf,
  isOldFormat,
  MAX_SPEC_BYTES,
  OLD_TASK_FORMATS,
  type OldTaskFormat,
  stateChunkBytesFor,
  TASK_FILES,
  TASK_FORMAT,
  type TaskSpec,
} from './task-spec.ts'

const OLD_POOL_FILE = 'data/holdout.safetensors'

/** task.json of an older format, so far that its files can be found. */
export type OldTask = {
  format: OldTaskFormat
  files: Record<string, { sha256: string; bytes: number }>
  /** Everything else in it, unchecked. */
  rest: Record<string, unknown>
}

const declared = z.record(z.string(), z.object({ sha256: z.string(), bytes: z.int() }))

/**
 * Reads task.json of an older format.
 *
 * @throws EngineRefusal `spec` when it is none, or doesn't name the files of its format
 */
export function parseOldTask(taskJson: Uint8Array): OldTask {
  demand(
    taskJson.length <= MAX_SPEC_BYTES,
    'spec',
    () => `task.json has ${taskJson.length} bytes, the limit is ${MAX_SPEC_BYTES}`,
  )
  const json: unknown = refusing('spec', 'task.json is not JSON', () =>
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(taskJson)),
  )
  const format = formatOf(json)
  demand(
    isOldFormat(format),
    'spec',
    () =>
      `task.json has the format ${format?.slice(0, 60) ?? 'none'}; ` +
      `converted are ${listed(Object.keys(OLD_TASK_FORMATS))}`,
  )
  const { format: _, files, ...rest } = json as Record<string, unknown>
  return { format, files: declaredFiles(format, files), rest }
}

const listed = (words: string[]) => `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

function declaredFiles(format: OldTaskFormat, files: unknown): OldTask['files'] {
  const names: string[] = format === 'assay-task-1' ? [...TASK_FILES, OLD_POOL_FILE] : [...TASK_FILES]
  const { success, data } = declared.safeParse(files)
  demand(
    success && Object.keys(data).length === names.length && names.every((name) => Object.hasOwn(data, name)),
    'spec',
    () => `files: task.json of the format ${format} gives sha256 and bytes of ${names.join(', ')}`,
  )
  return data
}

/**
 * The package of the present format, from the files of an old package. Step graph and weights stay as they are, byte for byte; the
 * evaluation graph's second output gets its present name. The spec hash is another one, so the package is for a new task.
 *
 * @param saltSeed of the pool that an `assay-task-1` package holds: 32 secret bytes
 * @returns `pool` only where the package held it; otherwise the pool, its root and its file stay what they are
 * @throws EngineRefusal when the package isn't what its own task.json says
 */
export function convertTask(
  old: OldTask,
  files: TaskFiles,
  pin: EnginePin,
  saltSeed: Hash,
): EncodedPackage & { pool?: Uint8Array } {
  const file = (name: string) => declaredFile(name, files.get(name), old.files)
  const holdsPool = old.format === 'assay-task-1'
  // A stand-in, to read the files with: what follows from them becomes true below.
  const spec = checkTaskSpec({
    ...presentFields(old),
    format: TASK_FORMAT,
    files: Object.fromEntries(TASK_FILES.map((name) => [name, old.files[name]])),
  })
  checkPin(spec, pin)
  const stateChunkBytes =
    'stateChunkBytes' in old.rest ? spec.stateChunkBytes : stateChunkBytesFor(spec.state)
  const contents = {
    spec: { ...withoutDerived(spec), stateChunkBytes },
    stepGraph: file('step.onnx'),
    evalGraph: refusing('graph', 'eval.onnx', () => swapNames(file('eval.onnx'), 'correct', 'metrics')),
    init: parseState(spec, file('init.safetensors')),
  }
  if (!holdsPool) return encodePackage(contents, spec.pool, pin)
  const samples = readDataset(file(OLD_POOL_FILE), spec, DEFAULT_DATA_LIMITS)
  return encodeTask({ ...contents, pool: { samples, saltSeed } }, pin)
}

/** An old task whose features lie on a grid: no format before `assay-task-3` could say so. */
export function withGrid(old: OldTask, grid: Grid): OldTask {
  return { ...old, rest: { ...old.rest, input: { ...Object(old.rest.input), grid } } }
}

/** What task.json said otherwise: one input, a class, which was the stratum, too, and one learning rate. */
function presentFields({ format, rest }: OldTask): Record<string, unknown> {
  const { input, target, strata: _, learningRate, pool, state, ...same } = rest
  return {
    stateChunkBytes: 1024,
    ...same,
    state: withRoles(state),
    inputs: [{ name: 'x', dtype: 'float32', ...Object(input) }],
    target: { kind: 'class', ...Object(target) },
    strata: { by: 'class' },
    schedule: { kind: 'constant', rate: learningRate },
    noise: [],
    loss: { name: 'loss' },
    metric: ACCURACY,
    pool: format === 'assay-task-1' ? standInPool(rest) : presentPool(pool),
  }
}

function presentPool(pool: unknown): unknown {
  if (typeof pool !== 'object' || pool === null) return pool
  const { classCounts, ...same } = pool as Record<string, unknown>
  return { ...same, strataCounts: classCounts }
}

/** All tensors of an older state are of the model. */
function withRoles(state: unknown): unknown {
  return Array.isArray(state) ? state.map((tensor) => ({ ...Object(tensor), role: 'model' })) : state
}

/** One sample of each class: passes the checks of any task. */
function standInPool({ target }: Record<string, unknown>): TaskSpec['pool'] {
  const classes = z.object({ classes: z.int().min(2).max(1000) }).safeParse(target).data?.classes ?? 2
  return {
    root: `0x${'00'.repeat(32)}`,
    samples: classes,
    strataCounts: Array.from({ length: classes }, () => 1),
  }
}

function withoutDerived({ format, engine, files, mode, pool, stateChunkBytes, ...decided }: TaskSpec) {
  return decided
}

function declaredFile(
  name: string,
  bytes: Uint8Array | undefined,
  files: Record<string, { sha256: string; bytes: number }>,
): Uint8Array {
  demand(bytes !== undefined, 'package', () => `${name} is missing`)
  const hash = blobHash(bytes)
  const { sha256 } = files[name]!
  demand(hash === sha256, 'package', () => `${name} has sha256 ${hash}, task.json says ${sha256}`)
  return bytes
}
