/**
 * Brings a package of the format before this one over. That one kept the held-out pool in `data/holdout.safetensors`,
 * for everybody who had the package.
 */
import { z } from 'zod'
import { blobHash, type Hash } from '../hash.ts'
import { demand, refusing } from '../refusal.ts'
import { DEFAULT_DATA_LIMITS, readDataset } from './data.ts'
import { checkPin, type EncodedTask, type EnginePin, encodeTask, type TaskFiles } from './package-check.ts'
import { parseState } from './state.ts'
import {
  checkTaskSpec,
  MAX_SPEC_BYTES,
  OLD_TASK_FORMAT,
  TASK_FILES,
  TASK_FORMAT,
  type TaskSpec,
} from './task-spec.ts'

const OLD_POOL_FILE = 'data/holdout.safetensors'

/** The files of a package of the old format, besides task.json. */
export const OLD_TASK_FILES: readonly string[] = [...TASK_FILES, OLD_POOL_FILE]

const declared = z.object({ sha256: z.string(), bytes: z.int() })
const oldSpec = z.looseObject({
  format: z.literal(OLD_TASK_FORMAT),
  files: z.strictObject({
    'step.onnx': declared,
    'eval.onnx': declared,
    'init.safetensors': declared,
    [OLD_POOL_FILE]: declared,
  }),
})

/**
 * The package of the new format and the pool, from the files of an old package. Graphs and weights stay as they are, byte for
 * byte; the spec hash is another one, so the package is for a new task.
 *
 * @param saltSeed of the pool: 32 secret bytes
 * @throws EngineRefusal when the old package isn't one, or not what its own task.json says
 */
export function convertTask(
  taskJson: Uint8Array,
  files: TaskFiles,
  pin: EnginePin,
  saltSeed: Hash,
): EncodedTask {
  const { files: declaredFiles, ...old } = parseOldSpec(taskJson)
  const file = (name: string) => declaredFile(name, files.get(name), declaredFiles)
  // A stand-in, to read the files with: its root and hashes become true when it is encoded.
  const spec = checkTaskSpec({
    ...old,
    format: TASK_FORMAT,
    files: Object.fromEntries(TASK_FILES.map((name) => [name, declaredFiles[name]])),
    pool: standInPool(old),
  })
  checkPin(spec, pin)
  const samples = readDataset(file(OLD_POOL_FILE), spec, DEFAULT_DATA_LIMITS)
  return encodeTask(
    {
      spec: withoutDerived(spec),
      stepGraph: file('step.onnx'),
      evalGraph: file('eval.onnx'),
      init: parseState(spec, file('init.safetensors')),
      pool: { samples, saltSeed },
    },
    pin,
  )
}

function parseOldSpec(taskJson: Uint8Array): z.infer<typeof oldSpec> {
  demand(
    taskJson.length <= MAX_SPEC_BYTES,
    'spec',
    () => `task.json has ${taskJson.length} bytes, the limit is ${MAX_SPEC_BYTES}`,
  )
  const json: unknown = refusing('spec', 'task.json is not JSON', () =>
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(taskJson)),
  )
  const { success, data } = oldSpec.safeParse(json)
  demand(
    success,
    'spec',
    () =>
      `task.json is not of the format ${OLD_TASK_FORMAT}, the only one that is converted: it has the format ${formatOf(json)}`,
  )
  return data
}

function formatOf(json: unknown): string {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  return typeof format === 'string' ? format.slice(0, 60) : 'none'
}

/** One sample of each class: passes the checks of any task. */
function standInPool({ target }: Record<string, unknown>): TaskSpec['pool'] {
  const classes = z.object({ classes: z.int().min(2).max(1000) }).safeParse(target).data?.classes ?? 2
  return {
    root: `0x${'00'.repeat(32)}`,
    samples: classes,
    classCounts: Array.from({ length: classes }, () => 1),
  }
}

function withoutDerived({ format, engine, files, mode, pool, ...decided }: TaskSpec) {
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
