import { type State, stateHash } from '@assay/engine/package/state.ts'
import { delta } from '@assay/engine/run/update.ts'
import { windowsOfSeat } from '@assay/sdk/protocol/cohorts.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import type { Opening } from '@assay/store/opening-record.ts'
import { mapAtMost } from '../map-at-most.ts'
import { expectedOf } from '../round-facts.ts'
import { seenBefore } from '../seen-updates.ts'
import { type Case, type CohortInput, type Found, onItsOwn, trainingOf } from './case.ts'
import { fetchExpectedOpening, fetchFinal } from './fetch-update.ts'
import { scoreAudited } from './quality.ts'
import { type ReplayOutcome, replayWindows } from './replay.ts'
import { findRepeats } from './similarity.ts'
import { type CohortStage, RUN_ORDER } from './stage-table.ts'

/** Most downloads at once, so that each gets enough of a slow connection. */
const DOWNLOADS_AT_ONCE = 4

/** A stage: returns what it finds about each case, in their order. It changes nothing itself. */
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
    const found = await RUNS[stage.name](input, looked)
    judged = judged.map((one) => ({ ...one, ...found[looked.indexOf(one)] }))
  }
  return judged
}

function isLookedAt({ looksAt }: CohortStage, one: Case): boolean {
  if (one.failed !== undefined) return false
  switch (looksAt) {
    case 'all updates':
      return true
    case 'audited updates':
      return one.audited
    case 'audited updates whose training is not withheld':
      return one.audited && trainingOf(one) !== 'withheld'
  }
}

async function checkOpenings(input: CohortInput, cases: readonly Case[]): Promise<Found[]> {
  const { context, facts, patience } = input
  return mapAtMost(cases, DOWNLOADS_AT_ONCE, ({ member }) => {
    const expected = expectedOf(context.reader.deployment, facts, member)
    const { commitment } = member
    return onItsOwn<Found>(input, member, {
      judge: async () => {
        const opening = await fetchExpectedOpening({ store: context.store, commitment, expected, patience })
        return 'ok' in opening ? { failed: opening } : { opening }
      },
      otherwise: (reason) => ({ failed: { ok: false, gate: 'S0', reason, unreachable: true } }),
    })
  })
}

async function checkUpdates(input: CohortInput, cases: readonly Case[]): Promise<Found[]> {
  const { context, engine, patience } = input
  return mapAtMost(cases, DOWNLOADS_AT_ONCE, (one) =>
    onItsOwn<Found>(input, one.member, {
      judge: async () => {
        const options = { store: context.store, spec: engine.spec, opening: openingOf(one), patience }
        const update = await fetchFinal(options)
        return update.ok ? { final: update.final } : { failed: update }
      },
      otherwise: (reason) => ({ failed: { ok: false, gate: 'S1', reason, unreachable: true } }),
    }),
  )
}

/** An update fails this gate if a replay ends in another state. */
async function replayTraining(input: CohortInput, cases: readonly Case[]): Promise<Found[]> {
  const { context, facts, engine, base, patience } = input
  const baseStateHash = stateHash(engine.spec, base)
  const found: Found[] = []
  for (const one of cases) {
    const { contributor, commitment, dataRoot, sampleCount } = one.member
    const { stateRoot, finalState } = openingOf(one)
    const windows = ownWindows(input, one)
    const { previousBeacon, taskId, round } = facts
    const replay = await onItsOwn<ReplayOutcome>(input, one.member, {
      judge: () =>
        replayWindows({
          store: context.store,
          keys: context.keys,
          engine,
          commitment,
          contributor,
          validator: context.account.address,
          windows,
          patience,
          claim: {
            stateRoot,
            dataRoot,
            sampleCount,
            batchSeed: batchSeed({ previousBeacon, taskId, round, contributor }),
            baseStateHash,
            finalStateHash: finalState.stateHash,
          },
        }),
      otherwise: (reason) => ({
        proven: 0,
        withheld: windows.map((window) => ({ window, reason })),
        unreachable: true,
      }),
    })
    const { mismatch: reason } = replay
    found.push(reason === undefined ? { replay } : { replay, failed: { ok: false, gate: 'S5', reason } })
  }
  return found
}

function ownWindows({ facts, seat: { seat } }: CohortInput, { member: { contributor } }: Case): number[] {
  return windowsOfSeat({
    beacon: facts.beacon,
    contributor,
    windowsDrawn: facts.params.replayWindows,
    totalWindows: facts.params.windowsPerRound,
    seatCount: facts.committeeSize,
    seat,
  })
}

/** Refuses updates that were submitted before, by their hash; then global steps and near copies among the others. */
async function refuseRepeats(input: CohortInput, cases: readonly Case[]): Promise<Found[]> {
  const { context, facts, engine, base } = input
  const known = cases.map((one) => submittedBefore(input, one))
  const steps = await context.models.lastGlobalSteps(facts)
  const comparable = cases
    .filter((_, i) => known[i] === undefined)
    .map((one) => ({
      contributor: one.member.contributor,
      order: one.member.index,
      stateHash: openingOf(one).finalState.stateHash,
      vector: delta(engine.spec, base, updateOf(one)),
      training: trainingOf(one),
    }))
  const repeats = findRepeats(comparable, steps)
  return cases.map(({ member }, i) => {
    const reason = known[i] ?? repeats.get(member.contributor)
    return reason === undefined ? {} : { failed: { ok: false, gate: 'S2', reason } }
  })
}

function submittedBefore({ context, facts }: CohortInput, one: Case): string | undefined {
  const { taskId, round } = facts
  const { updateHash } = openingOf(one)
  const earlier = seenBefore(context.db, { taskId, round, submission: one.member.index, updateHash })
  if (earlier === undefined) return undefined
  return `${earlier.contributor} submitted the same update before, as submission ${earlier.submission} of round ${earlier.round}`
}

async function scoreHelp(input: CohortInput, cases: readonly Case[]): Promise<Found[]> {
  const { context, facts, engine, base, holdout } = input
  const { beacon, taskId, round } = facts
  const scores = await scoreAudited({
    engine,
    base,
    holdout,
    draw: { beacon, taskId, round, validator: context.account.address },
    audited: cases.map((one) => ({ contributor: one.member.contributor, final: updateOf(one) })),
  })
  return cases.map(({ member }) => ({ scores: scores.get(member.contributor)! }))
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
