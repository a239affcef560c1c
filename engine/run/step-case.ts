/**
 * What a case about a false training step shows to its jurors: what the contributor committed to, and its own evidence of the window.
 * All of it is proven against the commitment that stands on chain, so a juror trusts nobody for it.
 *
 * It is one safetensors file, so that one parser of untrusted input reads everything:
 *
 *     version I32 [1] · window.index I32 [1] · sample.count I32 [1] · steps I32 [1]
 *     fields U8 [5, 32]     base model, update, state root, data root, salt
 *     window U8 [k]         the window's evidence, see evidence.ts
 */
import type { StepProof } from '@assay/sdk/verbs/court/accuse-step.ts'
import type { OpeningFields } from '@assay/sdk/verbs/court/post-opening.ts'
import { bytesHash, type Hash, hashBytes } from '../hash.ts'
import { DEFAULT_DATA_LIMITS } from '../package/data.ts'
import { toleranceOf } from '../package/mode.ts'
import { readSafetensors, type Tensor, writeSafetensors } from '../package/safetensors.ts'
import { type State, stateHash, verifyStateLeaf } from '../package/state.ts'
import { type TaskSpec, windowCount } from '../package/task-spec.ts'
import { demand } from '../refusal.ts'
import { maxEvidenceBytes, proveSamples, readEvidence, type WindowClaim } from './evidence.ts'
import { batchesOf } from './replay.ts'
import { shownStates } from './shown-states.ts'
import type { StepBatch } from './step-batch.ts'

/** What the evidence of a step case says. Only its form is checked. */
export type StepCase = {
  window: number
  fields: OpeningFields
  /** Samples that the contributor enrolled with, n. */
  sampleCount: number
  /** The contributor's evidence of the window. */
  evidence: Uint8Array
}

/** The window that a step case is about, as the chain fixes it. */
export type AccusedWindow = Pick<WindowClaim, 'window' | 'round' | 'batchSeed'> & {
  /** The state that the round starts from. */
  start: State
  /** Hash of the committed state before it. The first window is trained from `start`, whatever was committed to there. */
  before: Hash
}

const VERSION = 2
const HASH_BYTES = 32
const FIELD_NAMES = ['baseModelHash', 'updateHash', 'stateRoot', 'dataRoot', 'salt'] as const
/** Room for the file's header, in bytes. */
const ROOM_BYTES = 4 * 1024

/** The evidence of a step case, as it is encrypted for the jurors. */
export function writeStepCase({ window, fields, sampleCount, evidence }: StepCase): Uint8Array {
  const rows = new Uint8Array(FIELD_NAMES.length * HASH_BYTES)
  FIELD_NAMES.forEach((name, i) => {
    rows.set(hashBytes(fields[name]), i * HASH_BYTES)
  })
  return writeSafetensors(
    new Map<string, Tensor>([
      ['version', { dtype: 'I32', shape: [1], data: Int32Array.of(VERSION) }],
      ['window.index', { dtype: 'I32', shape: [1], data: Int32Array.of(window) }],
      ['sample.count', { dtype: 'I32', shape: [1], data: Int32Array.of(sampleCount) }],
      ['steps', { dtype: 'I32', shape: [1], data: Int32Array.of(fields.steps) }],
      ['fields', { dtype: 'U8', shape: [FIELD_NAMES.length, HASH_BYTES], data: rows }],
      ['window', { dtype: 'U8', shape: [evidence.length], data: evidence }],
    ]),
  )
}

/** Largest evidence of a step case, in bytes, however many samples somebody enrolled with. */
export function maxStepCaseBytes(spec: TaskSpec): number {
  return maxEvidenceBytes(spec, DEFAULT_DATA_LIMITS.maxSamples) + ROOM_BYTES
}

/** Reads the evidence of a step case. @throws EngineRefusal for other tensors, sizes or versions */
export function readStepCase(spec: TaskSpec, bytes: Uint8Array): StepCase {
  const tensors = readSafetensors(bytes, { maxBytes: maxStepCaseBytes(spec), maxTensors: 6 })
  const version = numberIn(tensors, 'version')
  demand(version === VERSION, 'evidence', () => `evidence of version ${version}, expected ${VERSION}`)
  const sampleCount = numberIn(tensors, 'sample.count')
  const { maxSamples } = DEFAULT_DATA_LIMITS
  demand(
    sampleCount >= 1 && sampleCount <= maxSamples,
    'evidence',
    () => `evidence of ${sampleCount} enrolled samples, expected 1 to ${maxSamples}`,
  )
  const rows = bytesIn(tensors, 'fields')
  demand(
    rows.length === FIELD_NAMES.length * HASH_BYTES,
    'evidence',
    () => `fields has ${rows.length} bytes, expected ${FIELD_NAMES.length * HASH_BYTES}`,
  )
  const hashes = FIELD_NAMES.map((name, i) => {
    const hash = bytesHash(rows.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
    return [name, hash] as const
  })
  const fields = Object.fromEntries(hashes) as Record<(typeof FIELD_NAMES)[number], Hash>
  const steps = numberIn(tensors, 'steps')
  const window = numberIn(tensors, 'window.index')
  return { window, fields: { ...fields, steps }, sampleCount, evidence: bytesIn(tensors, 'window') }
}

/**
 * What an accused window is trained again from. The samples count only if they are those that the batch seed draws, under the
 * committed data root, and the state before only if it is the committed one.
 *
 * @throws EngineRefusal when the evidence doesn't hold
 */
export function windowOfCase(
  spec: TaskSpec,
  { fields, sampleCount, evidence }: Omit<StepCase, 'window'>,
  { start, before, ...drawn }: AccusedWindow,
): { stateBefore: State; batches: StepBatch[] } {
  const place = { ...drawn, sampleCount, dataRoot: fields.dataRoot }
  const shown = readEvidence(spec, place, evidence)
  proveSamples(place, shown.samples)
  const batches = batchesOf(spec, place, shown.samples)
  if (drawn.window === 0) {
    // Who trains it again finds out by that; in a tolerant task nobody does.
    demand(
      toleranceOf(spec) === undefined || shown.hashBefore === stateHash(spec, start),
      'evidence',
      () => `the state shown before window 0 is not what the round starts from`,
    )
    return { stateBefore: shownStates(spec, start, shown, start).stateBefore, batches }
  }
  demand(
    shown.hashBefore === before,
    'evidence',
    () => `the state shown before window ${drawn.window} is not the committed one`,
  )
  return { stateBefore: shownStates(spec, start, shown).stateBefore, batches }
}

/** What proves to the chain that a window's two states stand in the trace. @throws EngineRefusal for malformed evidence */
export function stepProofOf(
  spec: TaskSpec,
  { window, sampleCount, evidence }: StepCase,
  batchSeed: Hash,
): StepProof {
  const drawn = { window, sampleCount, batchSeed }
  const { hashBefore, hashAfter, proofs } = readEvidence(spec, drawn, evidence)
  return {
    window,
    before: hashBefore,
    afterwards: hashAfter,
    proofBefore: proofs.before,
    proofAfterwards: proofs.after,
  }
}

/**
 * The same, checked as the chain checks it: both states stand under the committed state root.
 *
 * @throws EngineRefusal when one of them doesn't
 */
export function provenStepOf(spec: TaskSpec, shown: StepCase, batchSeed: Hash): StepProof {
  const step = stepProofOf(spec, shown, batchSeed)
  const { window, before, afterwards, proofBefore, proofAfterwards } = step
  const { stateRoot: root } = shown.fields
  const ends = [
    { index: window, stateHash: before, proof: proofBefore },
    { index: window + 1, stateHash: afterwards, proof: proofAfterwards },
  ]
  for (const end of ends) {
    demand(
      verifyStateLeaf({ root, leafCount: windowCount(spec) + 1, ...end }),
      'evidence',
      () => `the state at border ${end.index} is not proven under state root ${root}`,
    )
  }
  return step
}

function numberIn(tensors: ReadonlyMap<string, Tensor>, name: string): number {
  const tensor = tensors.get(name)
  demand(tensor?.dtype === 'I32' && tensor.data.length === 1, 'evidence', () => `${name} is not I32 [1]`)
  return tensor.data[0]!
}

function bytesIn(tensors: ReadonlyMap<string, Tensor>, name: string): Uint8Array {
  const tensor = tensors.get(name)
  demand(tensor?.dtype === 'U8', 'evidence', () => `${name} is not U8`)
  return tensor.data
}
