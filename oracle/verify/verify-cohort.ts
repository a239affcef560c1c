import { type State, stateHash } from '@assay/engine/package/state.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { delta } from '@assay/engine/run/update.ts'
import { auditedMembers, windowsOfSeat } from '@assay/sdk/protocol/cohorts.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import type { Address } from 'viem'
import type { Seat } from '../duties.ts'
import { mapAtMost } from '../map-at-most.ts'
import type { OracleContext } from '../oracle-context.ts'
import { expectedOf, type Member, type RoundFacts } from '../round-facts.ts'
import { seenBefore } from '../seen-updates.ts'
import type { Finding } from '../sheet.ts'
import { withEngine } from '../with-engine.ts'
import { fetchUpdate, type Patience } from './fetch-update.ts'
import type { Failed, Opened } from './gates.ts'
import { type Scores, scoreAudited } from './quality.ts'
import { type ReplayOutcome, replayWindows } from './replay.ts'
import { findRepeats } from './similarity.ts'

/** Updates on their way at once: a slow line is shared by no more. */
const DOWNLOADS_AT_ONCE = 4

/** One member on its way through the stages. */
type Case = { member: Member; audited: boolean; result: Opened | Failed; replay: ReplayOutcome }

export type CohortTask = { facts: RoundFacts; seat: Seat; members: readonly Member[]; patience: Patience }

/**
 * Judges every update of a cohort, cheap stages first: S0 and S1 of all, S5 of the audited ones' windows that fell to this
 * seat, S2 among those left, S4 of the audited ones left that showed some of their training.
 *
 * @throws StoreError `unavailable` before the last call; EngineRefusal when the task's own graphs broke
 */
export async function verifyCohort(context: OracleContext, task: CohortTask): Promise<Finding[]> {
  const { facts } = task
  const { holdout } = await context.bench.package(facts.params.specHash)
  const base = await context.models.load(facts.baseModelHash, facts)
  return withEngine(context, facts.params.specHash, async (engine) => {
    const cases = await openAll(context, task, engine)
    await replayAll(context, task, cases, engine, base)
    await refuseRepeats(context, task, cases, engine, base)
    const { beacon, taskId, round } = facts
    const scores = await scoreAudited({
      engine,
      base,
      holdout,
      draw: { beacon, taskId, round, validator: context.account.address },
      audited: cases.flatMap((one) =>
        one.audited && one.result.ok && trainingOf(one) !== 'withheld'
          ? [{ contributor: one.member.contributor, final: one.result.final }]
          : [],
      ),
    })
    const findings = cases.map((one) => findingOf(one, scores.get(one.member.contributor)))
    for (const [i, finding] of findings.entries()) logFinding(context, task, finding, cases[i]!.replay)
    return findings
  })
}

function findingOf(one: Case, scores: Scores | undefined): Finding {
  const { member, audited, result, replay } = one
  return {
    contributor: member.contributor,
    audited,
    unreachable: isKeptBack(one),
    failed: result.ok ? undefined : { gate: result.gate, reason: result.reason },
    provenWindows: replay.proven,
    qualityBps: scores?.qualityBps ?? 0,
    rarityBps: scores?.rarityBps ?? 0,
  }
}

/** Whether the store's silence leaves nothing to judge an update by: no update, or none of the training that was to be replayed. */
function isKeptBack({ result, replay }: Case): boolean {
  if (!result.ok && result.unreachable) return true
  return replay.unreachable === true && replay.proven === 0 && replay.mismatch === undefined
}

/**
 * Does what one member's update asks for. What nobody foresaw must not cost all the others their scores: at the last call it is told
 * to the log, and counts as if the store had not answered.
 *
 * @throws EngineRefusal when the task's own graphs broke, StoreError `unavailable` and anything else before the last call
 */
async function onItsOwn<T>(
  { log }: OracleContext,
  { facts, patience }: CohortTask,
  { contributor }: Member,
  work: { judge: () => Promise<T>; otherwise: (reason: string) => T },
): Promise<T> {
  try {
    return await work.judge()
  } catch (error) {
    if (!patience.lastCall || error instanceof EngineRefusal) throw error
    log.error(
      { round: facts.round, contributor, error },
      'an update could not be judged; it is left unaudited',
    )
    return work.otherwise(error instanceof Error ? error.message : String(error))
  }
}

/** S0 and S1, and whether each update was drawn for the deep stages. */
async function openAll(context: OracleContext, task: CohortTask, engine: Engine): Promise<Case[]> {
  const { facts, members, patience } = task
  const { beacon, round, params } = facts
  const audited = auditedMembers({ beacon, isLastRound: round >= params.maxRounds, members })
  return mapAtMost(members, DOWNLOADS_AT_ONCE, async (member, i) => {
    const expected = expectedOf(context.reader.deployment, facts, member)
    const { commitment } = member
    const result = await onItsOwn<Opened | Failed>(context, task, member, {
      judge: () => fetchUpdate({ store: context.store, spec: engine.spec, commitment, expected, patience }),
      otherwise: (reason) => ({ ok: false, gate: 'S0', reason, unreachable: true }),
    })
    return { member, audited: audited[i]!, result, replay: { proven: 0, withheld: [] } }
  })
}

/** S5 of audited updates; a replay that differs is a failed gate. */
async function replayAll(
  context: OracleContext,
  task: CohortTask,
  cases: Case[],
  engine: Engine,
  base: State,
): Promise<void> {
  const { facts, seat, patience } = task
  const baseStateHash = stateHash(engine.spec, base)
  for (const one of cases) {
    const { member, result } = one
    if (!one.audited || !result.ok) continue
    const { opening } = result
    const { contributor, commitment, dataRoot, sampleCount } = member
    const windows = ownWindows(facts, seat, contributor)
    one.replay = await onItsOwn<ReplayOutcome>(context, task, member, {
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
            stateRoot: opening.stateRoot,
            dataRoot,
            sampleCount,
            batchSeed: batchSeed({
              previousBeacon: facts.previousBeacon,
              taskId: facts.taskId,
              round: facts.round,
              contributor,
            }),
            baseStateHash,
            finalStateHash: opening.finalState.stateHash,
          },
        }),
      otherwise: (reason) => ({
        proven: 0,
        withheld: windows.map((window) => ({ window, reason })),
        unreachable: true,
      }),
    })
    if (one.replay.mismatch !== undefined) one.result = { ok: false, gate: 'S5', reason: one.replay.mismatch }
  }
}

function ownWindows(facts: RoundFacts, { seat }: Seat, contributor: Address): number[] {
  return windowsOfSeat({
    beacon: facts.beacon,
    contributor,
    windowsDrawn: facts.params.replayWindows,
    totalWindows: facts.params.windowsPerRound,
    seatCount: facts.committeeSize,
    seat,
  })
}

/** S2 among the updates that passed so far: what was handed in before, global steps, near copies. */
async function refuseRepeats(
  context: OracleContext,
  { facts }: CohortTask,
  cases: Case[],
  { spec }: Engine,
  base: State,
): Promise<void> {
  const { taskId, round } = facts
  for (const one of cases) {
    if (!one.result.ok) continue
    const { updateHash } = one.result.opening
    const earlier = seenBefore(context.db, { taskId, round, submission: one.member.index, updateHash })
    if (earlier === undefined) continue
    const reason = `${earlier.contributor} handed the same update in as submission ${earlier.submission} of round ${earlier.round}`
    one.result = { ok: false, gate: 'S2', reason }
  }

  const steps = await context.models.lastGlobalSteps(facts)
  const comparable = cases.flatMap(({ member, result, replay }) =>
    result.ok
      ? [
          {
            contributor: member.contributor,
            order: member.index,
            stateHash: result.opening.finalState.stateHash,
            vector: delta(spec, base, result.final),
            training: trainingOf({ replay }),
          },
        ]
      : [],
  )
  const repeats = findRepeats(comparable, steps)
  for (const one of cases) {
    const reason = repeats.get(one.member.contributor)
    if (reason !== undefined) one.result = { ok: false, gate: 'S2', reason }
  }
}

/** What this seat's replay says of an update's training. An audited one that shows none of it scores nothing. */
function trainingOf({ replay }: Pick<Case, 'replay'>): 'proven' | 'withheld' | 'unseen' {
  if (replay.proven > 0) return 'proven'
  return replay.withheld.length > 0 ? 'withheld' : 'unseen'
}

function logFinding(
  { log }: OracleContext,
  { facts, seat }: CohortTask,
  finding: Finding,
  { withheld }: ReplayOutcome,
): void {
  const { contributor, audited, failed, provenWindows, qualityBps, rarityBps } = finding
  const place = { round: facts.round, cohort: seat.cohort, contributor }
  if (finding.unreachable) log.warn(place, 'the store did not answer in time: the update is left unaudited')
  else if (failed !== undefined)
    log.info({ ...place, gate: failed.gate, reason: failed.reason }, 'update failed a gate')
  else if (audited) log.debug({ ...place, provenWindows, qualityBps, rarityBps }, 'update audited')
  if (failed === undefined && withheld.length > 0) log.info({ ...place, withheld }, 'evidence withheld')
}
