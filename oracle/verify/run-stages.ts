import type { ReferenceUpdate } from '@assay/engine/judge/quality.ts'
import { modelHash } from '@assay/engine/package/model.ts'
import { type State, stateHash } from '@assay/engine/package/state.ts'
import type { GateReason } from '@assay/sdk/protocol/entry-reasons.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { batchSeed, personalSeed } from '@assay/sdk/protocol/sampling.ts'
import type { Opening } from '@assay/store/opening-record.ts'
import { stepKeeper } from '../court/kept-steps.ts'
import { inShareOf, lookAtEach, STAGE_PARTS, takeTurns } from '../deadlines.ts'
import { expectedOf } from '../round-facts.ts'
import { seenBefore } from '../seen-updates.ts'
import {
  type Case,
  type CohortInput,
  type Found,
  isOutage,
  onItsOwn,
  provenHere,
  reasonOf,
  trainingOf,
} from './case.ts'
import { fetchExpectedOpening, fetchFinal } from './fetch-update.ts'
import { checkOpening, type Failed } from './gates.ts'
import { type HeldRounds, lookAtHeldRounds, replayHeldRounds } from './held-windows.ts'
import { drawOf, engineOf, expectedMs, referenceFor, referenceInTime } from './own-reference.ts'
import { reasonOfCopies } from './pool-copies.ts'
import { type Measured, measureUpdate, scoresOf } from './quality.ts'
import type { Reading } from './read-evidence.ts'
import {
  type KeepMismatch,
  type KnownWindows,
  type LookOutcome,
  lookAtWindows,
  type ReplayOutcome,
  replayWindows,
} from './replay.ts'
import { findRepeats, vectorsOf } from './similarity.ts'
import { type CohortStage, RUN_ORDER } from './stage-table.ts'
import { reasonOfTargets } from './strange-targets.ts'
import { type WindowToReplay, windowsToLookAt, windowsToReplay } from './windows.ts'

/** Most downloads at once, so that each gets enough of a slow connection. */
const DOWNLOADS_AT_ONCE = 4

/**
 * A stage: returns what it finds about each case, in their order. It changes nothing itself, apart from the notes. A
 * case that it can't look at now, it leaves waiting; the others are looked at as if that one weren't there.
 */
type Run = (input: CohortInput, cases: readonly Case[]) => Promise<readonly Found[]>

const RUNS: Record<CohortStage['name'], Run> = {
  S0: checkOpenings,
  S1: checkUpdates,
  S2: refuseRepeats,
  S4: scoreHelp,
  S5: replayTraining,
}

/** Runs all stages over the cases, in order. Each stage sees what earlier ones found. */
export async function runStages(input: CohortInput, cases: readonly Case[]): Promise<readonly Case[]> {
  let judged = cases
  for (const stage of RUN_ORDER) {
    const looked = judged.filter((one) => isLookedAt(stage, one))
    const found = await inShareOf(input.deadline, STAGE_PARTS[stage.name], (deadline) =>
      RUNS[stage.name]({ ...input, deadline }, looked),
    )
    judged = judged.map((one) => ({ ...one, ...found[looked.indexOf(one)] }))
  }
  return judged
}

function isLookedAt({ looksAt }: CohortStage, one: Case): boolean {
  if (one.failed !== undefined) return false
  const isWaiting = one.waiting !== undefined
  switch (looksAt) {
    case 'all updates':
      // One whose update is there is compared with the others, even if its training could not be looked at.
      return !isWaiting || one.final !== undefined
    case 'audited updates':
      return one.audited && !isWaiting
    case 'audited updates whose training is not withheld':
      return one.audited && !isWaiting && one.taskFault === undefined && trainingOf(one) !== 'withheld'
  }
}

async function checkOpenings(input: CohortInput, cases: readonly Case[]): Promise<Found[]> {
  const { context, facts, notes, deadline } = input
  const { store, reader } = context
  return lookAtEach(cases, { lanes: DOWNLOADS_AT_ONCE, deadline }, ({ member }, { signal }) =>
    onItsOwn(async () => {
      const { commitment } = member
      const expected = expectedOf(reader.deployment, facts, member)
      // Two members may have the same commitment: the opening is one member's alone.
      const known = notes.openings.get(commitment)
      const opening = known
        ? (checkOpening(known, expected) ?? known)
        : await fetchExpectedOpening({ store, commitment, expected, signal })
      if ('ok' in opening) return { failed: opening }
      notes.openings.set(commitment, opening)
      return { opening }
    }, signal),
  )
}

async function checkUpdates(input: CohortInput, cases: readonly Case[]): Promise<Found[]> {
  const { context, spec, deadline } = input
  const { store } = context
  return lookAtEach(cases, { lanes: DOWNLOADS_AT_ONCE, deadline }, (one, { signal }) =>
    onItsOwn(async () => {
      const update = await fetchFinal({ store, spec, opening: openingOf(one), signal })
      return update.ok ? { final: update.final } : { failed: update }
    }, signal),
  )
}

/**
 * An update fails this gate if a replay ends in another state, if the task's graph fails on its samples alone, or if its
 * samples are the held-out pool's. The reference comes first: it tells how fast this machine is, and whose fault a failure is.
 */
async function replayTraining(input: CohortInput, cases: readonly Case[]): Promise<Found[]> {
  if (cases.length === 0) return []
  const { spec, base, deadline } = input
  const reference = await referenceInTime(input)
  if ('waiting' in reference) return cases.map(() => reference)
  const rounds = input.context.heldRounds(input.facts.taskId)
  const known = { startHash: stateHash(spec, base), rounds, reference }
  const leastMs = (one: Case) =>
    expectedMs(input, windowsToReplay(input, one.member).length * spec.commitEvery)
  return takeTurns(cases, { deadline, leastMs }, (one, share) =>
    onItsOwn(() => replayCase({ ...input, deadline: share }, one, known)),
  )
}

async function replayCase(input: CohortInput, one: Case, known: Known): Promise<Found> {
  const { member } = one
  const reading = readingOf(input, one, known.startHash)
  const held = { rounds: known.rounds, engine: reading.engine }
  const windows = windowsToReplay(input, member)
  const own = await replayWindows({ ...reading, windows: windows.filter(isOfThisRound) })
  const replay = await replayHeldRounds(input, member, { ...held, windows, before: own })
  if (replay.mismatch !== undefined) return { replay, failed: failedAt('S5', replay.mismatch) }
  if (replay.graphFails !== undefined) return { replay, ...(await blame(input, replay.graphFails)) }
  const { specHash } = input.facts.params
  const index = await input.context.pools.index({ specHash, poolRoot: input.facts.poolRoot })
  const copies = reasonOfCopies(index, input.spec, replay.shown)
  if (copies !== undefined) return { replay, failed: failedAt('S5 samples', copies) }
  const toLookAt = windowsToLookAt(input, member)
  const before = await lookAtWindows({ ...reading, windows: toLookAt.filter(isOfThisRound) })
  // While this seat's own windows can't be looked at, what others read says nothing either.
  const shown = replay.waiting === undefined ? [...replay.shown, ...before.shown] : []
  const strange = await reasonOfTargets({ ...input, engine: reading.engine }, known.reference, shown)
  if (strange !== undefined) return { replay, failed: failedAt('S5 targets', strange) }
  const looks = await lookAtHeldRounds(input, member, { ...held, windows: toLookAt, before })
  return { replay, looks, ...stillWaiting(input, replay, looks) }
}

/** What all cases of a cohort share. */
type Known = { startHash: Hash; rounds: HeldRounds; reference: ReferenceUpdate | { fault: string } }

const isOfThisRound = ({ heldRound }: WindowToReplay) => heldRound === undefined

/**
 * At the last call, the windows of this round that could be seen are enough, and nothing is said of what other seats
 * replay. Held pay depends on each of this seat's windows.
 */
function stillWaiting({ lastCall }: CohortInput, replay: ReplayOutcome, looks: LookOutcome): Found {
  const own = lastCall && provenHere(replay) > 0 ? undefined : replay.waiting
  const waiting = replay.waitingHeld ?? own ?? (lastCall ? undefined : looks.waiting)
  return waiting === undefined ? {} : { waiting }
}

/** What this seat reads the windows of the round itself with. */
function readingOf(input: CohortInput, one: Case, startHash: Hash): Reading & KnownWindows & KeepMismatch {
  const { context, facts, notes, deadline } = input
  const { contributor, commitment, dataRoot, sampleCount } = one.member
  const opening = openingOf(one)
  const { stateRoot, finalState } = opening
  const { previousBeacon, taskId, round } = facts
  return {
    keepMismatch: stepKeeper(context, { round, contributor, fields: opening, sampleCount }),
    store: context.store,
    keys: context.keys,
    engine: engineOf(input),
    signal: deadline.signal,
    commitment,
    contributor,
    validator: context.account.address,
    known: notes.windows,
    claim: {
      round,
      stateRoot,
      dataRoot,
      sampleCount,
      batchSeed: batchSeed({ previousBeacon, taskId, round, contributor }),
      start: input.base,
      startHash,
      finalStateHash: finalState.stateHash,
    },
  }
}

/** Whose fault it is that the task's graph fails on somebody's samples: the task's, if it fails on its own pool too. */
async function blame(input: CohortInput, reason: string): Promise<Found> {
  const reference = await referenceFor(input)
  return 'fault' in reference ? { taskFault: reference.fault } : { failed: failedAt('S5 graph', reason) }
}

function failedAt(gate: GateReason, reason: string): Failed {
  return { ok: false, gate, reason }
}

/** Refuses updates that were submitted before, by their hash; then global steps and near copies among the others. */
async function refuseRepeats(input: CohortInput, cases: readonly Case[]): Promise<Found[]> {
  const { spec, base } = input
  const known = cases.map((one) => submittedBefore(input, one))
  const steps = await globalSteps(input)
  const fresh = cases.filter((_, i) => known[i] === undefined)
  const vectors = vectorsOf(spec, base, fresh.map(updateOf))
  const comparable = fresh.map((one, i) => ({
    contributor: one.member.contributor,
    order: one.member.index,
    // Not the opening's hash of the whole state: a copy may invent other local tensors.
    modelHash: modelHash(spec, updateOf(one)),
    vector: vectors[i]!,
    training: trainingOf(one),
  }))
  const repeats = findRepeats(comparable, steps)
  return cases.map(({ member }, i) => {
    const reason = known[i] ?? repeats.get(member.contributor)
    return reason === undefined ? {} : { failed: failedAt('S2', reason) }
  })
}

/** The last global steps. At the last call, those that can't be had in time are left out. */
async function globalSteps({
  context,
  facts,
  lastCall,
  deadline,
}: CohortInput): Promise<readonly (() => Float32Array)[]> {
  try {
    return await context.models.lastGlobalSteps(facts, deadline.signal)
  } catch (error) {
    if (!lastCall || !isOutage(error)) throw error
    const reason = reasonOf(error)
    context.log.warn(
      { round: facts.round, reason },
      'the last models can not be had in time: no update is compared with them',
    )
    return []
  }
}

function submittedBefore({ context, facts }: CohortInput, one: Case): string | undefined {
  const { taskId, round } = facts
  const { updateHash } = openingOf(one)
  const { index: submission, contributor } = one.member
  const earlier = seenBefore(context.db, { taskId, round, submission, contributor, updateHash })
  if (earlier === undefined) return undefined
  return `${earlier.contributor} submitted the same update before, as submission ${earlier.submission} of round ${earlier.round}`
}

async function scoreHelp(input: CohortInput, cases: readonly Case[]): Promise<Found[]> {
  if (cases.length === 0) return []
  const { deadline, spec } = input
  const reference = await referenceInTime(input)
  if ('waiting' in reference) return cases.map(() => reference)
  if ('fault' in reference) return cases.map(() => ({ taskFault: reference.fault }))
  const measured = new Map<Case, Measured>()
  const leastMs = () => expectedMs(input, spec.personalSamples / spec.batchSize)
  const found = await takeTurns(cases, { deadline, leastMs }, (one, share) =>
    onItsOwn(async () => {
      measured.set(one, await measureCase({ ...input, deadline: share }, one, reference))
      return {}
    }),
  )
  // A look that was broken off may still end. It counts for nobody: an entry's rarity follows from what the sheet says.
  const scores = scoresOf(
    cases.map((one, i) => (found[i]!.waiting === undefined ? measured.get(one) : undefined)),
  )
  return cases.map((one, i) => ({ ...found[i], ...foundOf(measured.get(one)), ...withScores(scores[i]) }))
}

function foundOf(measured: Measured | undefined): Found {
  if (measured?.kind === 'task fails') return { taskFault: measured.reason }
  if (measured?.kind === 'update fails') return { failed: failedAt('S4', measured.reason) }
  return {}
}

function withScores(scores: Case['scores']): Found {
  return scores === undefined ? {} : { scores }
}

async function measureCase(input: CohortInput, one: Case, reference: ReferenceUpdate): Promise<Measured> {
  const { notes, base, holdout } = input
  const { commitment, contributor } = one.member
  const known = notes.measured.get(commitment)
  if (known !== undefined) return known
  const measured = await measureUpdate(
    { engine: engineOf(input), base, holdout, reference },
    {
      id: contributor,
      final: updateOf(one),
      personalSeed: personalSeed({ ...drawOf(input), contributor }),
    },
  )
  notes.measured.set(commitment, measured)
  return measured
}

/** The opening that S0 found. No later stage looks at a case without one. */
function openingOf({ opening, member }: Case): Opening {
  if (opening !== undefined) return opening
  throw new Error(`the update of ${member.contributor} came past S0 without an opening`)
}

/** The update that S1 found. No later stage looks at a case without one. */
function updateOf({ final, member }: Case): State {
  if (final !== undefined) return final
  throw new Error(`the update of ${member.contributor} came past S1 without its state`)
}
