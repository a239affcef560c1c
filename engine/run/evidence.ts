/**
 * What a contributor shows of one drawn window: the state before it, the samples of its batches, and proofs that both are the
 * committed ones. With it, anyone who has the round's base model can train the window again and compare what it ends in.
 *
 * It is one safetensors file, so that one parser of untrusted input reads everything:
 *
 *     window I32 [1] · hash.before, .after U8 [32]
 *     state U8 [k]                               the state before the window, see state-difference.ts
 *     end U8 [k]                                 in tolerant tasks: the state after it, as its difference to the one before
 *     proof.first, .before, .after, .last U8 [k, 32]   leaves 0, w, w + 1, W of the trace's tree
 *     sample.index I32 [s] · .salt U8 [s, 32]    distinct samples, ascending
 *     data U8 [k]                                these samples, see shown-samples.ts
 *     sample.proof U8 [k, 32]                    all their proofs in a row; lengths follow from the places
 */
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import { type MerkleTree, provenRoots, treeProofs } from '@assay/sdk/protocol/merkle.ts'
import { bytesHash, type Hash, hashBytes } from '../hash.ts'
import { type Dataset, DEFAULT_DATA_LIMITS, dataSalt, leavesOf, sampleTree, subset } from '../package/data.ts'
import { expectedProofLength } from '../package/merkle-position.ts'
import { toleranceOf } from '../package/mode.ts'
import { readSafetensors, type Tensor, writeSafetensors } from '../package/safetensors.ts'
import { type State, stateHash, stateProof, verifyStateLeaf } from '../package/state.ts'
import { type TaskSpec, windowCount } from '../package/task-spec.ts'
import { demand, EngineRefusal, isDeterministic } from '../refusal.ts'
import { bytesOf, byteTensor, HASH_BYTES, hashes, hashRows, ints } from './evidence-tensors.ts'
import { farFromAll, type NudgedWindow } from './nudged-replays.ts'
import { batchesOf, replayWindow } from './replay.ts'
import type { Engine } from './runner.ts'
import { maxSamplesBytes, readSamples, writeSamples } from './shown-samples.ts'
import { type ShownStates, shownStates, type WindowStates } from './shown-states.ts'
import { maxDifferenceBytes, writeDifference } from './state-difference.ts'
import { windowIndices } from './train.ts'

/** A drawn window, and what its contributor committed to. */
export type WindowClaim = {
  window: number
  /** Number of the round that it is of, from 1. */
  round: number
  stateRoot: Hash
  dataRoot: Hash
  /** Samples the contributor enrolled with, n. */
  sampleCount: number
  batchSeed: Hash
  /** The state that the round starts from: its base model, with the package's local tensors. */
  start: State
  /** Its hash: must be that of the trace's first state. */
  startHash: Hash
  /** Hash of the opened update's state: must be the trace's last. */
  finalStateHash: Hash
}

/** What the samples of a window follow from. */
export type DrawnWindow = Pick<WindowClaim, 'window' | 'batchSeed' | 'sampleCount'>

/**
 * `withheld`: unreadable or not proven against the roots, which counts as no evidence. `mismatch`: proven against the roots, but the
 * window trained again ends in another state; this is a miss. `graph-fails`: proven against the roots, but the task's graph fails on
 * these samples, on every machine. Whose fault that is shows when the same graph runs on other samples.
 */
export type EvidenceResult =
  | { ok: true; samples: Dataset }
  | { ok: false; kind: 'withheld' | 'mismatch' | 'graph-fails'; reason: string }

type Withheld = { ok: false; kind: 'withheld'; reason: string }

/** Distinct samples of a window, each with its place, salt and proof. */
export type ShownSamples = { indices: Int32Array; salts: Hash[]; data: Dataset; proofs: Hash[][] }

/** Evidence of a window, of which only the form is checked. */
export type Evidence = WindowStates & {
  proofs: { first: Hash[]; before: Hash[]; after: Hash[]; last: Hash[] }
  samples: ShownSamples
}

/** A proof in a tree of 2⁶⁴ leaves: none is longer. */
const MOST_PROOF_HASHES = 64
/** Tensors in exact tasks. */
const TENSORS = 12
const INDEX_BYTES = 4
/** Room for the header and the proofs of states, in bytes. */
const ROOM_BYTES = 64 * 1024

/**
 * Makes the evidence of a window that one trained oneself.
 *
 * @param options.start the state at the trace's first border
 * @param options.stateBefore the state at the window's first border
 * @param options.stateAfter the state at its last, which tolerant tasks show, and no others need
 * @param options.tree of `data` and `secret`, where it is at hand: to make it takes longer than all the rest
 */
export function makeWindowEvidence(options: {
  spec: TaskSpec
  window: number
  stateHashes: readonly Hash[]
  start: State
  stateBefore: State
  stateAfter?: State | undefined
  data: Dataset
  /** The secret behind the data root's salts. */
  secret: Hash
  tree?: MerkleTree | undefined
  batchSeed: Hash
}): Uint8Array {
  const { spec, window, stateHashes, start, stateBefore, stateAfter, data, secret, batchSeed } = options
  const tree = options.tree ?? sampleTree(data, secret)
  demand(
    stateHash(spec, stateBefore) === stateHashes[window],
    'evidence',
    () => `stateBefore is not the committed state before window ${window}`,
  )
  demand(
    stateHash(spec, start) === stateHashes[0],
    'evidence',
    () => 'start is not the committed first state, so nobody could read a difference to it',
  )
  const indices = distinct(windowIndices(spec, batchSeed, window, data.n))
  const samples = subset(data, indices)
  const tensors = new Map<string, Tensor>([
    ['window', { dtype: 'I32', shape: [1], data: Int32Array.of(window) }],
    ['hash.before', byteTensor(hashBytes(stateHashes[window]!))],
    ['hash.after', byteTensor(hashBytes(stateHashes[window + 1]!))],
    ['proof.first', hashRows(stateProof(stateHashes, 0))],
    ['proof.before', hashRows(stateProof(stateHashes, window))],
    ['proof.after', hashRows(stateProof(stateHashes, window + 1))],
    ['proof.last', hashRows(stateProof(stateHashes, stateHashes.length - 1))],
    ['sample.index', { dtype: 'I32', shape: [samples.n], data: Int32Array.from(indices) }],
    ['sample.salt', hashRows(indices.map((index) => dataSalt(secret, index)))],
    ['sample.proof', hashRows(treeProofs(tree, indices).flat())],
  ])
  tensors.set('data', byteTensor(writeSamples(spec, samples)))
  tensors.set('state', byteTensor(writeDifference(spec, start, stateBefore)))
  if (toleranceOf(spec) !== undefined) {
    demand(
      stateAfter !== undefined && stateHash(spec, stateAfter) === stateHashes[window + 1],
      'evidence',
      () => `stateAfter is not the committed state after window ${window}`,
    )
    tensors.set('end', byteTensor(writeDifference(spec, stateBefore, stateAfter)))
  }
  return writeSafetensors(tensors)
}

/** Largest evidence of a window, in bytes: what a reader should fetch at most. */
export function maxEvidenceBytes(spec: TaskSpec, sampleCount: number): number {
  const samples = Math.min(spec.commitEvery * spec.batchSize, sampleCount)
  const proof = HASH_BYTES * Math.ceil(Math.log2(Math.max(2, sampleCount)))
  const states = toleranceOf(spec) === undefined ? 1 : 2
  return (
    states * maxDifferenceBytes(spec) +
    maxSamplesBytes(spec, samples) +
    samples * (INDEX_BYTES + HASH_BYTES + proof) +
    ROOM_BYTES
  )
}

/**
 * Checks evidence, cheap checks first, and trains the window again. Bad evidence or a bad claim never throws.
 *
 * @throws EngineRefusal `limit` when the engine ran out of its own time or memory.
 */
export async function checkWindowEvidence(
  options: WindowClaim & { engine: Engine; evidence: Uint8Array },
): Promise<EvidenceResult> {
  const { engine, evidence, ...claim } = options
  const found = provenEvidence(engine.spec, claim, evidence)
  return 'kind' in found ? found : replayEvidence(engine, claim, found)
}

/**
 * Looks at evidence: checks it against the commitment and trains nothing. Bad evidence or a bad claim never throws.
 *
 * @returns the samples that it shows
 */
export function lookAtEvidence(
  options: WindowClaim & { spec: TaskSpec; evidence: Uint8Array },
): { ok: true; samples: Dataset } | Withheld {
  const { spec, evidence, ...claim } = options
  const found = provenEvidence(spec, claim, evidence)
  return 'kind' in found ? found : { ok: true, samples: found.samples.data }
}

/** Evidence that is proven, and the states that it shows: that after the window in tolerant tasks only. */
type Proven = Evidence & ShownStates

/** Evidence that is proven against the commitment, without training. */
function provenEvidence(spec: TaskSpec, claim: WindowClaim, bytes: Uint8Array): Proven | Withheld {
  try {
    const { maxSamples } = DEFAULT_DATA_LIMITS
    demand(
      claim.sampleCount >= 1 && claim.sampleCount <= maxSamples,
      'evidence',
      () => `${claim.sampleCount} samples are enrolled, at most ${maxSamples} can be drawn from`,
    )
    const evidence = readEvidence(spec, claim, bytes)
    proveStates(spec, claim, evidence)
    proveSamples(claim, evidence.samples)
    return { ...evidence, ...shownStates(spec, claim.start, evidence) }
  } catch (error) {
    if (error instanceof EngineRefusal) return { ok: false, kind: 'withheld', reason: error.message }
    throw error
  }
}

async function replayEvidence(engine: Engine, claim: WindowClaim, evidence: Proven): Promise<EvidenceResult> {
  const { stateBefore, samples } = evidence
  try {
    const batches = batchesOf(engine.spec, claim, samples)
    const { hash, stateAfter } = await replayWindow({ engine, stateBefore, batches })
    if (hash === evidence.hashAfter) return { ok: true, samples: samples.data }
    const far = await whyNotNear({ engine, batches, seed: claim.batchSeed }, evidence, stateAfter)
    if (far === undefined) return { ok: true, samples: samples.data }
    const reason = `window ${claim.window} trained again ends in ${hash}, committed is ${evidence.hashAfter}${far}`
    return { ok: false, kind: 'mismatch', reason }
  } catch (error) {
    if (!isDeterministic(error)) throw error
    const reason = `window ${claim.window} trained again: ${error.message}`
    return { ok: false, kind: error.code === 'state' ? 'mismatch' : 'graph-fails', reason }
  }
}

/** Why another end than the committed one doesn't do, to be added to a sentence; undefined if it does. Exact tasks accept none. */
async function whyNotNear(
  window: NudgedWindow,
  { stateBefore, stateAfter }: ShownStates,
  replayed: State,
): Promise<string | undefined> {
  const tolerance = toleranceOf(window.engine.spec)
  if (tolerance === undefined || stateAfter === undefined) return ''
  const far = await farFromAll(window, { before: stateBefore, committed: stateAfter, replayed }, tolerance)
  return far && `: ${far}`
}

/** Reads evidence. @throws EngineRefusal unless it has the form of that of this window */
export function readEvidence(spec: TaskSpec, claim: DrawnWindow, bytes: Uint8Array): Evidence {
  const isTolerant = toleranceOf(spec) !== undefined
  const expected = TENSORS + (isTolerant ? 1 : 0)
  const tensors = readSafetensors(bytes, {
    maxBytes: maxEvidenceBytes(spec, claim.sampleCount),
    maxTensors: expected,
  })
  demand(
    tensors.size === expected,
    'evidence',
    () => `evidence holds ${tensors.size} tensors, expected ${expected}`,
  )
  const [window] = ints(tensors, 'window', 1)
  demand(
    window === claim.window,
    'evidence',
    () => `evidence is of window ${window}, asked was ${claim.window}`,
  )
  return {
    difference: bytesOf(tensors, 'state'),
    ...(isTolerant && { endDifference: bytesOf(tensors, 'end') }),
    hashBefore: bytesHash(bytesOf(tensors, 'hash.before', HASH_BYTES)),
    hashAfter: bytesHash(bytesOf(tensors, 'hash.after', HASH_BYTES)),
    proofs: {
      first: hashes(tensors, 'proof.first', MOST_PROOF_HASHES),
      before: hashes(tensors, 'proof.before', MOST_PROOF_HASHES),
      after: hashes(tensors, 'proof.after', MOST_PROOF_HASHES),
      last: hashes(tensors, 'proof.last', MOST_PROOF_HASHES),
    },
    samples: samplesIn(spec, claim, tensors),
  }
}

function samplesIn(spec: TaskSpec, claim: DrawnWindow, tensors: ReadonlyMap<string, Tensor>): ShownSamples {
  const expected = distinct(windowIndices(spec, claim.batchSeed, claim.window, claim.sampleCount))
  const indices = ints(tensors, 'sample.index', expected.length)
  demand(
    expected.every((index, i) => index === indices[i]),
    'evidence',
    () => `samples of window ${claim.window} are not the ones that the batch seed draws`,
  )
  const data = readSamples(spec, bytesOf(tensors, 'data'), expected.length)
  const salts = hashes(tensors, 'sample.salt', expected.length)
  demand(
    salts.length === expected.length,
    'evidence',
    () => `${salts.length} salts for ${expected.length} samples`,
  )
  const proofs = splitProofs(
    hashes(tensors, 'sample.proof', MOST_PROOF_HASHES * expected.length),
    expected,
    claim.sampleCount,
  )
  return { indices, salts, data, proofs }
}

function proveStates(spec: TaskSpec, claim: WindowClaim, { hashBefore, hashAfter, proofs }: Evidence): void {
  const { window, stateRoot: root, startHash, finalStateHash } = claim
  const last = windowCount(spec)
  const leaves = [
    { what: "the round's base model", index: 0, stateHash: startHash, proof: proofs.first },
    { what: 'the state before', index: window, stateHash: hashBefore, proof: proofs.before },
    { what: 'the state after', index: window + 1, stateHash: hashAfter, proof: proofs.after },
    { what: 'the opened update', index: last, stateHash: finalStateHash, proof: proofs.last },
  ]
  for (const { what, ...leaf } of leaves) {
    demand(
      verifyStateLeaf({ root, leafCount: last + 1, ...leaf }),
      'evidence',
      () => `${what} is not proven at place ${leaf.index} of state root ${root}`,
    )
  }
}

/** @throws EngineRefusal unless the samples stand under the data root */
export function proveSamples(
  claim: Pick<WindowClaim, 'dataRoot' | 'sampleCount'>,
  samples: ShownSamples,
): void {
  const { indices, salts, proofs } = samples
  const leaf = leavesOf(samples.data)
  const roots = provenRoots(proofs.map((proof, i) => ({ leaf: leaf(i, indices[i]!, salts[i]!), proof })))
  const wrong = new Set(roots)
  for (const root of wrong) if (dataRootOf(root, claim.sampleCount) === claim.dataRoot) wrong.delete(root)
  const unproven = roots.findIndex((root) => wrong.has(root))
  demand(
    unproven < 0,
    'evidence',
    () =>
      `sample ${indices[unproven]} of ${claim.sampleCount} is not proven against data root ${claim.dataRoot}`,
  )
}

function splitProofs(hashList: Hash[], indices: readonly number[], leafCount: number): Hash[][] {
  let at = 0
  const proofs = indices.map((index) => {
    const length = expectedProofLength(index, leafCount)
    at += length
    return hashList.slice(at - length, at)
  })
  demand(
    at === hashList.length,
    'evidence',
    () => `sample proofs have ${hashList.length} hashes, expected ${at}`,
  )
  return proofs
}

function distinct(steps: number[][]): number[] {
  return [...new Set(steps.flat())].sort((a, b) => a - b)
}
