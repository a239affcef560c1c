/** Checks the files of a task package, wherever they come from. */
import { NO_PROGRAM, programRoot } from '@assay/sdk/protocol/program.ts'
import { blobHash, type Hash } from '../hash.ts'
import { demand, refusingAs } from '../refusal.ts'
import { checkGraph, DEFAULT_GRAPH_LIMITS, type GraphLimits, type GraphSignature } from './graph-check.ts'
import { evalSignature, stepSignature } from './graph-signature.ts'
import { toleranceOf } from './mode.ts'
import { checkPredictGraph, preprocessOf } from './optional-files.ts'
import { poolFacts, writePool } from './pool.ts'
import { MAX_PREPROCESS_BYTES, preprocessBytes } from './preprocess.ts'
import { describeProgram } from './program.ts'
import { onlyRate } from './schedule.ts'
import { maxStateBytes, parseState, serializeState } from './state.ts'
import type { TaskContents, TaskPackage } from './task-contents.ts'
import {
  checkTaskSpec,
  filesOf,
  parseTaskSpec,
  specBytes,
  TASK_FILES,
  TASK_FORMAT,
  type TaskFile,
  type TaskSpec,
} from './task-spec.ts'

/** The engine that task.json pins: any other may compute other bits. */
export type EnginePin = { name: 'onnxruntime-web'; version: string; wasmSha256: Hash }

export type PackageLimits = { graph: GraphLimits }

export const DEFAULT_PACKAGE_LIMITS: PackageLimits = { graph: DEFAULT_GRAPH_LIMITS }

/** Bytes of a task's files by name. */
export type TaskFiles = ReadonlyMap<string, Uint8Array>

/**
 * Checks a task package: the spec, each file's size and hash, the graphs and the initial state. The
 * held-out pool is not in it: see pool.ts.
 *
 * @param pin the engine here: packages pinned to another one are refused.
 * @throws EngineRefusal whose code tells which part is at fault.
 */
export function checkTaskPackage(
  taskJson: Uint8Array,
  files: TaskFiles,
  pin: EnginePin,
  limits: PackageLimits = DEFAULT_PACKAGE_LIMITS,
): TaskPackage {
  const { spec, specHash } = parseTaskSpec(taskJson)
  checkPin(spec, pin)
  const named = filesOf(spec)
  const stray = [...files.keys()].find((name) => !named.some((known) => known === name))
  demand(
    stray === undefined,
    'package',
    () => `"${stray}" is not a file of this task package: ${named.join(', ')}`,
  )
  const file = (name: TaskFile) => checkedFile(spec, files, name, limits)
  const graph = (name: TaskFile, signature: GraphSignature) => {
    const bytes = file(name)
    return refusingAs('graph', name, () => checkGraph(bytes, signature, limits.graph))
  }
  const step = graph('step.onnx', stepSignature(spec))
  const evaluation = graph('eval.onnx', evalSignature(spec))
  const prediction = spec.files['predict.onnx'] && checkPredictGraph(spec, file('predict.onnx'), limits.graph)
  return {
    spec,
    specHash,
    programRoot: programOf(spec, step),
    stepGraph: step.bytes,
    evalGraph: evaluation.bytes,
    costs: {
      step: step.cost,
      evaluation: evaluation.cost,
      ...(prediction && { prediction: prediction.cost }),
    },
    ...(prediction && { predictGraph: prediction.bytes }),
    ...(spec.files['preprocess.json'] && { preprocess: preprocessOf(spec, file('preprocess.json')) }),
    init: parseState(spec, file('init.safetensors')),
  }
}

/** The program of a task that contracts may check steps of; none where steps needn't be the same bits. */
function programOf(spec: TaskSpec, step: ReturnType<typeof checkGraph>): Hash {
  if (toleranceOf(spec) !== undefined) return NO_PROGRAM
  const signature = stepSignature(spec)
  return programRoot(describeProgram(step, { ...spec, signature, rate: onlyRate(spec.schedule) }))
}

/** Throws EngineRefusal `engine` unless the task is pinned to this engine. */
export function checkPin(spec: TaskSpec, pin: EnginePin): void {
  demand(
    spec.engine.name === pin.name &&
      spec.engine.version === pin.version &&
      spec.engine.wasmSha256 === pin.wasmSha256,
    'engine',
    () =>
      `task is pinned to ${spec.engine.name} ${spec.engine.version} (wasm ${spec.engine.wasmSha256}), ` +
      `installed is ${pin.name} ${pin.version} (wasm ${pin.wasmSha256}): install the pinned version`,
  )
}

/** Throws EngineRefusal `package` when a file declares more bytes than its kind may have. */
export function checkFileSize(spec: TaskSpec, name: TaskFile, limits: PackageLimits): void {
  const most = {
    'step.onnx': limits.graph.maxBytes,
    'eval.onnx': limits.graph.maxBytes,
    'init.safetensors': maxStateBytes(spec),
    'predict.onnx': limits.graph.maxBytes,
    'preprocess.json': MAX_PREPROCESS_BYTES,
  }[name]
  const { bytes } = declaredFile(spec, name)
  demand(bytes <= most, 'package', () => `${name} is declared with ${bytes} bytes, the limit is ${most}`)
}

/** The files of a new package. */
export type EncodedPackage = {
  taskJson: Uint8Array
  files: Map<TaskFile, Uint8Array>
  specHash: Hash
}

/** A new package, and the file of the pool that is no part of it. */
export type EncodedTask = EncodedPackage & { pool: Uint8Array }

/** The files of a new package, pinned to `pin`, and of its pool; `taskJson` is task.json. */
export function encodeTask({ pool, ...contents }: TaskContents, pin: EnginePin): EncodedTask {
  const encoded = encodePackage(contents, poolFacts(pool, contents.spec), pin)
  return { ...encoded, pool: writePool(pool, contents.spec) }
}

/** The files of a new package whose pool is known by what task.json says of it. */
export function encodePackage(
  contents: Omit<TaskContents, 'pool'>,
  pool: TaskSpec['pool'],
  pin: EnginePin,
): EncodedPackage {
  const placeholder = Object.fromEntries(
    TASK_FILES.map((name) => [name, { sha256: `0x${'00'.repeat(32)}`, bytes: 1 }]),
  )
  const head = { format: TASK_FORMAT, mode: 'exact', engine: pin, pool, ...contents.spec }
  const draft = checkTaskSpec({ ...head, files: placeholder })
  const { stepGraph, evalGraph, init, predictGraph, preprocess } = contents
  const files = new Map<TaskFile, Uint8Array>([
    ['step.onnx', stepGraph],
    ['eval.onnx', evalGraph],
    ['init.safetensors', serializeState(draft, init)],
  ])
  if (predictGraph !== undefined) files.set('predict.onnx', predictGraph)
  if (preprocess !== undefined) files.set('preprocess.json', preprocessBytes(preprocess))
  const named = Object.fromEntries(
    [...files].map(([name, bytes]) => [name, { sha256: blobHash(bytes), bytes: bytes.length }]),
  )
  const taskJson = specBytes(checkTaskSpec({ ...head, files: named }))
  return { taskJson, files, specHash: blobHash(taskJson) }
}

/** What task.json says of a file. */
export function declaredFile({ files }: TaskSpec, name: TaskFile): { sha256: Hash; bytes: number } {
  const declared = files[name]
  demand(declared !== undefined, 'package', () => `task.json names no file ${name}`)
  return { sha256: declared.sha256 as Hash, bytes: declared.bytes }
}

function checkedFile(spec: TaskSpec, files: TaskFiles, name: TaskFile, limits: PackageLimits): Uint8Array {
  checkFileSize(spec, name, limits)
  const bytes = files.get(name)
  demand(bytes !== undefined, 'package', () => `${name} is missing`)
  const declared = declaredFile(spec, name)
  demand(
    bytes.length === declared.bytes,
    'package',
    () => `${name} has ${bytes.length} bytes, task.json says ${declared.bytes}`,
  )
  const hash = blobHash(bytes)
  demand(
    hash === declared.sha256,
    'package',
    () => `${name} has sha256 ${hash}, task.json says ${declared.sha256}`,
  )
  return bytes
}
