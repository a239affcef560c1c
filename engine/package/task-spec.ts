/** task.json: what a task owner fixes about a training task. Its hash, the spec hash, names the task on chain. */
import { z } from 'zod4'
import { type Hash, sha256 } from '../hash.ts'
import { demand, EngineRefusal, refusing } from '../refusal.ts'
import { canonicalJson } from './canonical-json.ts'
import { mode } from './mode-form.ts'
import { noise, noiseFault, noiseValues } from './noise.ts'
import { elementCount, isTensorName } from './safetensors.ts'
import {
  count,
  RESERVED_NAMES,
  refuseSample,
  SAMPLE_FIELDS,
  shape,
  strataCount,
  strataCounts,
  valuesInBatch,
} from './sample-spec.ts'
import { schedule } from './schedule.ts'

/** The files of a task package besides task.json. */
export const TASK_FILES = ['step.onnx', 'eval.onnx', 'init.safetensors'] as const
/** Those that it may have, too: see optional-files.ts. */
export const OPTIONAL_FILES = ['predict.onnx', 'preprocess.json'] as const

export type TaskFile = (typeof TASK_FILES)[number] | (typeof OPTIONAL_FILES)[number]

/** The format that this program writes and reads. */
export const TASK_FORMAT = 'assay-task-4'
/** The formats before it, the oldest first, each with what was otherwise in its packages. */
export const OLD_TASK_FORMATS = {
  'assay-task-1': 'whose packages hold the held-out pool for everybody to see',
  'assay-task-2': 'whose states are hashed in one piece, so that no case can open a part of one',
  'assay-task-3':
    'whose samples have one input and a class, and whose learning rate is the same in every round',
} as const

export type OldTaskFormat = keyof typeof OLD_TASK_FORMATS

/** Largest task.json, in bytes. */
export const MAX_SPEC_BYTES = 64 * 1024
/** Most values in a task's state: 128 MiB as float32. */
const MAX_STATE_VALUES = 2 ** 25
/** What a process takes for so many: that trains (benchmarks/large-state.ts), and that judges (benchmarks/oracle-memory.ts). */
const LARGEST_STATE_MEMORY = { contributor: '2 GiB', validator: '5.3 GiB' }
/** Bytes of a chunk of a small state, and of a large one: a case shows one chunk, and larger ones take fewer hashes. */
const STATE_CHUNK_BYTES = [1024, 4096] as const
/** Most values in a small state. */
const MAX_SMALL_STATE_VALUES = 1_000_000
/** Most values in one batch of inputs and targets. */
const MAX_BATCH_VALUES = 2 ** 23
/** Most values of samples in memory at once, for a window, half the reference steps or a personal sample: 256 MiB as float32. */
const MAX_RUN_VALUES = 2 ** 26

const hash = z.string().regex(/^0x[0-9a-f]{64}$/, 'expected 0x and 64 lowercase hexadecimal digits')
const file = z.strictObject({ sha256: hash, bytes: count(2 ** 30) })
const stateTensor = z.strictObject({
  name: z
    .string()
    .max(100)
    .refine((name) => isTensorName(name) && !RESERVED_NAMES.includes(name) && !name.endsWith('_next'), {
      error: `can't name a state tensor: reserved, or not of letters, digits, and _ . / : -`,
    }),
  shape: shape(0),
  /** Averaged and published, or of one machine and one round: see model.ts. */
  role: z.enum(['model', 'local']),
})

const taskSpec = z
  .strictObject({
    format: z.literal(TASK_FORMAT),
    name: z.string().min(1).max(100),
    /** The engine whose bits count: a package is refused by any other. */
    engine: z.strictObject({
      name: z.literal('onnxruntime-web'),
      version: z.string().regex(/^\d+\.\d+\.\d+$/),
      wasmSha256: hash,
    }),
    files: z.strictObject({
      'step.onnx': file,
      'eval.onnx': file,
      'init.safetensors': file,
      'predict.onnx': file.exactOptional(),
      'preprocess.json': file.exactOptional(),
    }),
    /** The held-out pool, which is not in the package: see pool.ts. */
    pool: z.strictObject({ root: hash, samples: count(2 ** 24), strataCounts }),
    /** Tensors that training changes, in the order in which they are hashed. */
    state: z.array(stateTensor).min(1).max(256),
    /** Bytes of a tensor that a state's hash holds as one chunk: see state-tree.ts. */
    stateChunkBytes: z.literal(STATE_CHUNK_BYTES),
    ...SAMPLE_FIELDS,
    batchSize: count(4096),
    evalBatchSize: count(4096),
    /** Training steps of one round. */
    steps: count(65_535),
    /** A state hash is committed every so many steps; divides `steps`. */
    commitEvery: count(65_535),
    /** The learning rate of each step: see schedule.ts. */
    schedule,
    /** Random inputs of step.onnx, drawn anew for each step: see noise.ts. */
    noise,
    /** Most windows replayed in one audit. */
    replayWindows: count(64),
    /** Compute units of one step. */
    unitsPerStep: count(1_000_000_000),
    /** Held-out samples that each validator draws for each update. */
    personalSamples: count(65_536),
    /** Steps of a validator's own reference update, both halves together. */
    rootSteps: z.int().min(2).max(4096),
    /** Whether windows must be the same bits when they are trained again: see mode.ts. */
    mode,
  })
  .superRefine((spec, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message })
    const names = new Set(spec.state.map(({ name }) => name))
    const values = stateValues(spec.state)
    const sampleValues = valuesInBatch(spec)
    const batchValues = sampleValues * Math.max(spec.batchSize, spec.evalBatchSize)
    if (names.size !== spec.state.length) refuse('state: a tensor is named twice')
    refuseSample(spec, names, refuse)
    if (!spec.state.some(({ role }) => role === 'model')) refuse('state: no tensor has the role model')
    if (values > MAX_STATE_VALUES)
      refuse(
        `state: ${values} values, the limit is ${MAX_STATE_VALUES}, with which a contributor takes ${LARGEST_STATE_MEMORY.contributor} ` +
          `of memory and a validator ${LARGEST_STATE_MEMORY.validator}`,
      )
    if (batchValues > MAX_BATCH_VALUES)
      refuse(`inputs: ${batchValues} values a batch, the limit is ${MAX_BATCH_VALUES}`)
    const inputNames = spec.inputs.map(({ name }) => name)
    const noiseMistake = noiseFault(spec.noise, new Set([...RESERVED_NAMES, ...inputNames, ...names]))
    if (noiseMistake !== undefined) refuse(noiseMistake)
    if (noiseValues(spec.noise) > MAX_BATCH_VALUES)
      refuse(`noise: ${noiseValues(spec.noise)} values a step, the limit is ${MAX_BATCH_VALUES}`)
    const stepValues = sampleValues * spec.batchSize + noiseValues(spec.noise)
    const runs = [
      { name: 'commitEvery', what: 'window', runValues: spec.commitEvery * stepValues },
      { name: 'rootSteps', what: 'reference run', runValues: Math.ceil(spec.rootSteps / 2) * stepValues },
      { name: 'personalSamples', what: 'personal sample', runValues: sampleValues * spec.personalSamples },
    ]
    for (const { name, what, runValues } of runs)
      if (runValues > MAX_RUN_VALUES)
        refuse(
          `${name}: a ${what} takes ${runValues} values of samples at once, the limit is ${MAX_RUN_VALUES}`,
        )
    if (spec.steps % spec.commitEvery !== 0) {
      refuse(`commitEvery: ${spec.commitEvery} does not divide steps, ${spec.steps}`)
    }
    const counted = spec.pool.strataCounts.reduce((sum, of) => sum + of, 0)
    if (spec.pool.strataCounts.length !== strataCount(spec))
      refuse(
        `pool.strataCounts: ${spec.pool.strataCounts.length} counts, the task has ${strataCount(spec)} strata`,
      )
    if (counted !== spec.pool.samples)
      refuse(`pool.strataCounts: ${counted} samples together, pool.samples is ${spec.pool.samples}`)
  })

export type TaskSpec = z.infer<typeof taskSpec>

/** Tensors, in the order in which they are hashed, and the chunks that this is done in. */
export type TensorLayout = Pick<TaskSpec, 'state' | 'stateChunkBytes'>

/** The files of a package besides task.json. */
export function filesOf({ files }: Pick<TaskSpec, 'files'>): TaskFile[] {
  return [...TASK_FILES, ...OPTIONAL_FILES].filter((name) => files[name] !== undefined)
}

/** Merkle root of the held-out pool that a package names: the pool of its task until another one is announced. */
export function namedPoolRoot({ pool }: TaskSpec): Hash {
  return pool.root as Hash
}

/**
 * Reads and checks task.json.
 *
 * @throws EngineRefusal `spec` when it is too large, not canonical JSON, has unknown or missing keys, or values
 * outside their bounds; `format` when it is of an older format, `engine` of a newer one.
 */
export function parseTaskSpec(bytes: Uint8Array): { spec: TaskSpec; specHash: Hash } {
  demand(
    bytes.length <= MAX_SPEC_BYTES,
    'spec',
    () => `task.json has ${bytes.length} bytes, the limit is ${MAX_SPEC_BYTES}`,
  )
  const json: unknown = refusing('spec', 'task.json is not JSON', () =>
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
  )
  refuseOtherFormat(json)
  const spec = checkTaskSpec(json)
  const canonical = specBytes(spec)
  demand(
    canonical.length === bytes.length && canonical.every((byte, i) => byte === bytes[i]),
    'spec',
    () => 'task.json is not canonical: write it with sorted keys, without spaces and without a final newline',
  )
  return { spec, specHash: sha256(bytes) }
}

/** The format that a parsed task.json names; undefined if it names none. */
export function formatOf(json: unknown): string | undefined {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  return typeof format === 'string' ? format : undefined
}

/** Whether `assay package convert` takes packages of a format. */
export function isOldFormat(format: string | undefined): format is OldTaskFormat {
  return format !== undefined && Object.hasOwn(OLD_TASK_FORMATS, format)
}

function refuseOtherFormat(json: unknown): void {
  const format = formatOf(json)
  demand(
    format === TASK_FORMAT || isOldFormat(format) || !format?.startsWith('assay-task-'),
    'engine',
    () =>
      `task.json has the format ${format}, this program reads ${TASK_FORMAT}: use a newer version of Assay`,
  )
  if (!isOldFormat(format)) return
  throw new EngineRefusal(
    'format',
    `task.json has the format ${format}, ${OLD_TASK_FORMATS[format]}; ` +
      `this program reads ${TASK_FORMAT}: assay package convert <folder> <new-folder> writes it, for a new task`,
  )
}

/** Checks a value against task.json's schema. @throws EngineRefusal `spec` that lists every fault. */
export function checkTaskSpec(value: unknown): TaskSpec {
  const result = taskSpec.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues
    .slice(0, 10)
    .map(({ path, message }) => `${path.join('.') || 'task.json'}: ${message}`)
  throw new EngineRefusal('spec', `task.json is refused: ${faults.join('; ')}`)
}

/** task.json as it is stored and hashed: canonical JSON in UTF-8. */
export function specBytes(spec: TaskSpec): Uint8Array {
  return new TextEncoder().encode(canonicalJson(spec))
}

/** The hash that names the task on chain: sha256 of {@link specBytes}. */
export function specHash(spec: TaskSpec): Hash {
  return sha256(specBytes(spec))
}

/** Committed windows of a round, W: a trace has W + 1 states. */
export function windowCount(spec: TaskSpec): number {
  return spec.steps / spec.commitEvery
}

/** Bytes of one state's tensors. */
export function stateDataBytes(spec: Pick<TaskSpec, 'state'>): number {
  return 4 * stateValues(spec.state)
}

/** The size of chunks for a state with these tensors, unless the author of a task has reasons for the other one. */
export function stateChunkBytesFor(
  state: readonly { shape: readonly number[] }[],
): TaskSpec['stateChunkBytes'] {
  const [small, large] = STATE_CHUNK_BYTES
  return stateValues(state) > MAX_SMALL_STATE_VALUES ? large : small
}

function stateValues(state: readonly { shape: readonly number[] }[]): number {
  return state.reduce((sum, { shape }) => sum + elementCount(shape), 0)
}
