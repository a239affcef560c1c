import { hashBytes } from '@assay/engine/hash.ts'
import { toleranceOf } from '@assay/engine/package/mode.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { isDeterministic } from '@assay/engine/refusal.ts'
import { replayWindow } from '@assay/engine/run/replay.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import {
  maxStepCaseBytes,
  provenStepOf,
  readStepCase,
  type StepCase,
  windowOfCase,
} from '@assay/engine/run/step-case.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import { type CommitmentPlace, submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { WINDOW_DIFFERS, WINDOW_GOOD, witnessOf } from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import { readRoundBasis } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { hashOf } from '@assay/store/sha256.ts'
import type { Address } from 'viem'
import { engineUntil } from '../../engine-until.ts'
import { startOf, unlessRefused } from './false-step.ts'
import type { Recomputation, RecomputeContext, Recomputed } from './recompute.ts'
import { lossBytes } from './witness.ts'

/**
 * A window that is said to be withheld: whether its contributor gives it to readers, and whether training it again ends in the committed
 * state. Evidence counts only if all of it is proven against the commitment. Anything else is none: else a contributor could send
 * readers something else, and nobody could open a case about the step.
 */
export const WINDOW_WITHHELD: Recomputation = {
  recompute,
  maxEvidenceBytes: maxStepCaseBytes,
  isEncrypted: true,
  isDelivered: true,
}

/** What a reader has to find out: the chain's part of a reading. */
export type ReadQuestion = {
  place: CommitmentPlace & { contributor: Address }
  /** What the contributor submitted. */
  commitment: Hash
  window: number
  batchSeed: Hash
  /** The state that the round starts from. */
  start: () => Promise<State>
  reader: Address
}

async function recompute(
  context: RecomputeContext,
  facts: CaseFacts,
  evidence: Uint8Array | undefined,
): Promise<Recomputed> {
  if (evidence === undefined) return 'missing'
  const { reader, bench, signal, juror } = context
  const { taskId, round, defendant: contributor, subject: window, accused: commitment } = facts
  const { specHash } = await readTaskParams(reader, facts)
  const { spec } = await bench.package(specHash)
  const basis = await readRoundBasis(reader, { taskId, round })
  const { chainId, contracts } = reader.deployment
  const { previousBeacon } = basis
  const question: ReadQuestion = {
    place: { chainId, rounds: contracts.rounds, taskId, round, contributor },
    commitment,
    window,
    batchSeed: batchSeed({ previousBeacon, taskId, round, contributor }),
    start: () => startOf(context, facts, basis),
    reader: juror,
  }
  return readWindow(engineUntil({ bench }, { specHash, spec }, signal), question, evidence)
}

/**
 * Judges a window from what its contributor gave a reader, given what the chain says.
 *
 * @throws EngineRefusal `limit` when the engine ran out of time or memory
 */
export async function readWindow(
  engine: Engine,
  question: ReadQuestion,
  evidence: Uint8Array,
): Promise<Recomputed> {
  const { spec } = engine
  const shown = unlessRefused(() => committedCase(spec, question, evidence))
  if (shown === undefined) return 'missing'
  const { window, batchSeed, reader } = question
  const start = await question.start()
  const accused = { window, round: question.place.round, batchSeed, start, before: shown.step.before }
  const trained = unlessRefused(() => windowOfCase(spec, shown.read, accused))
  if (trained === undefined) return 'missing'
  // Where no step can be accused, a window that is shown is all that a reader asks for.
  if (toleranceOf(spec) !== undefined)
    return { value: WINDOW_GOOD, witness: witnessOf(reader, hashBytes(hashOf(evidence))) }
  const found = await endOf(engine, trained)
  if (found === 'cannot') return 'cannot'
  const { hash, losses } = found
  const values = Buffer.concat([hashBytes(hashOf(evidence)), lossBytes(losses)])
  const value = hash === shown.step.afterwards ? WINDOW_GOOD : WINDOW_DIFFERS
  return { value, witness: witnessOf(reader, values) }
}

/** Evidence that is of this window and of what was committed to. @throws EngineRefusal when it is malformed or not proven */
function committedCase(spec: TaskSpec, question: ReadQuestion, evidence: Uint8Array) {
  const read: StepCase = readStepCase(spec, evidence)
  const { window, place, commitment, batchSeed } = question
  if (submissionCommitment({ ...place, ...read.fields }) !== commitment) return undefined
  // Of the window that is asked for, whatever the file says.
  return { read, step: provenStepOf(spec, { ...read, window }, batchSeed) }
}

/** Training that ends in values that aren't finite ends in no committed state. */
async function endOf(
  engine: Engine,
  trained: ReturnType<typeof windowOfCase>,
): Promise<{ hash: Hash | undefined; losses: number[] } | 'cannot'> {
  try {
    return await replayWindow({ engine, ...trained })
  } catch (error) {
    if (!isDeterministic(error)) throw error
    return error.code === 'state' ? { hash: undefined, losses: [] } : 'cannot'
  }
}
