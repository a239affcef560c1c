import { hashBytes } from '@assay/engine/hash.ts'
import { toleranceOf } from '@assay/engine/package/mode.ts'
import type { State } from '@assay/engine/package/state.ts'
import { EngineRefusal, isDeterministic } from '@assay/engine/refusal.ts'
import { replayWindow } from '@assay/engine/run/replay.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import {
  type AccusedWindow,
  maxStepCaseBytes,
  readStepCase,
  type StepCase,
  windowOfCase,
} from '@assay/engine/run/step-case.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import { type CommitmentPlace, submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { witnessOf } from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import { type RoundBasis, readRoundBasis } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import { readSubmissions } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { type Address, keccak256, toHex } from 'viem'
import { engineUntil } from '../../engine-until.ts'
import type { Recomputation, RecomputeContext, Recomputed } from './recompute.ts'
import { lossBytes } from './witness.ts'

/** What jurors report where training ends in values that aren't finite: then no committed state follows. */
export const NO_FINITE_STATE: Hash = keccak256(toHex('assay: training ends in values that are not finite'))

/**
 * A false training step: trains the window again, from the state that the chain has proven to be the committed one before it, with the
 * samples that the public rule draws. The evidence is the contributor's own, proven against its commitment: nobody can be framed. In a
 * tolerant task no step is false: the committed state is what every juror reports.
 */
export const FALSE_STEP: Recomputation = {
  recompute,
  maxEvidenceBytes: maxStepCaseBytes,
  isEncrypted: true,
}

/** What a juror has to find out: the chain's part of a step case. */
export type StepQuestion = {
  place: CommitmentPlace & { contributor: Address }
  /** What the contributor submitted; undefined if it submitted nothing. */
  commitment: Hash | undefined
  accused: AccusedWindow
  juror: Address
}

async function recompute(
  context: RecomputeContext,
  facts: CaseFacts,
  evidence: Uint8Array | undefined,
): Promise<Recomputed> {
  const { reader, bench, signal, juror } = context
  const { specHash } = await readTaskParams(reader, facts)
  const { spec } = await bench.package(specHash)
  if (toleranceOf(spec) !== undefined) return neverFalse(facts, juror)
  if (evidence === undefined) return 'missing'
  const question = await questionOf(context, facts)
  return trainAgain(engineUntil({ bench }, { specHash, spec }, signal), question, evidence)
}

/** What a juror reports of a step in a tolerant task, whatever it is shown: the committed state. */
function neverFalse({ accused }: Pick<CaseFacts, 'accused'>, juror: Address): Recomputed {
  return { value: accused, witness: witnessOf(juror, hashBytes(accused)) }
}

async function questionOf(context: RecomputeContext, facts: CaseFacts): Promise<StepQuestion> {
  const { reader, juror } = context
  const { taskId, round, defendant: contributor, subject: window } = facts
  const basis = await readRoundBasis(reader, { taskId, round })
  const submissions = await readSubmissions(reader, { taskId, round, span: basis.span })
  const own = submissions.find((one) => one.contributor.toLowerCase() === contributor.toLowerCase())
  const { chainId, contracts } = reader.deployment
  const { previousBeacon } = basis
  return {
    place: { chainId, rounds: contracts.rounds, taskId, round, contributor },
    commitment: own?.commitment,
    accused: {
      window,
      round,
      batchSeed: batchSeed({ previousBeacon, taskId, round, contributor }),
      start: await startOf(context, facts, basis),
      before: facts.context,
    },
    juror,
  }
}

/** What a round starts from: its base model, with the local tensors of the package. */
export async function startOf(
  { reader, models, signal }: RecomputeContext,
  { taskId, round }: CaseFacts,
  { baseModelHash, span }: RoundBasis,
): Promise<State> {
  const params = await readTaskParams(reader, { taskId })
  const { committeeSize } = params
  return models.load(baseModelHash, { taskId, round, params, committeeSize, openedBlock: span.from }, signal)
}

/**
 * Judges a step from evidence, given what the chain says.
 *
 * @throws EngineRefusal `limit` when the engine ran out of time or memory
 */
export async function trainAgain(
  engine: Engine,
  { place, commitment, accused, juror }: StepQuestion,
  evidence: Uint8Array,
): Promise<Recomputed> {
  const shown = unlessRefused(() => readStepCase(engine.spec, evidence))
  if (shown === undefined || !isCommitted(shown)) return 'missing'
  const window = unlessRefused(() => windowOfCase(engine.spec, shown, accused))
  if (window === undefined) return 'missing'
  try {
    const { hash, losses } = await replayWindow({ engine, ...window })
    return { value: hash, witness: witnessOf(juror, lossBytes(losses)) }
  } catch (error) {
    if (!isDeterministic(error)) throw error
    if (error.code !== 'state') return 'cannot'
    return { value: NO_FINITE_STATE, witness: witnessOf(juror, new Uint8Array()) }
  }

  function isCommitted({ fields }: StepCase): boolean {
    return submissionCommitment({ ...place, ...fields }) === commitment
  }
}

/** What work on evidence gives; undefined if the evidence doesn't hold. */
export function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof EngineRefusal) return undefined
    throw error
  }
}
