/**
 * What a cohort's settlement does to one member, written a second time: from revealed sheets, dashboards and tests recompute what
 * contracts/rounds/Settlement.sol paid, to the wei.
 */
import { lowerMedian } from './median.ts'
import { nextReputation, provenNext, runningNext } from './reputation.ts'
import type { Outcome, SettledMember } from './results.ts'
import { contributorPay, type Inputs, provenFractionBps } from './reward-formula.ts'
import { assignedWindows } from './sampling.ts'
import { type EntryClass, entryClass, MISSED, type ScoreEntry } from './score-words.ts'

/** What one seat revealed of a member. */
export type Finding = { seat: number; entry: ScoreEntry }

/** What the committee says of a member. */
export type Verdict = {
  outcome: Outcome
  qualityBps: number
  rarityBps: number
  /** Windows replayed without a miss, of all seats. */
  addedWindows: number
  /** For each finding, whether it agrees with the majority: only then it is paid. */
  agrees: boolean[]
}

/** A contributor's record in a task. */
export type Standing = {
  reputationBps: number
  runningQualityBps: number
  runningRarityBps: number
  provenWindows: number
  /** Settled rounds. */
  seen: number
  flagged: boolean
  /** Reward wei waiting for the next passed audit. */
  held: bigint
}

/** The formula's inputs that don't depend on the verdict. */
export type PayInputs = Pick<
  Inputs,
  'priceCompute' | 'computeUnits' | 'priceData' | 'dataUnits' | 'earlyBonusBps'
>

/**
 * The verdict on one member. With n findings, a class (audited, gate failed, task's fault, not audited) of more than n/2 is the
 * majority:
 *
 * - task's fault when most say so, failed when most say that a gate failed, unaudited when most say not audited;
 * - else audited when audited and failed ones together are more than n/2: the lower medians of their scores count, a failed one as 0;
 * - else unaudited. Without a majority class no finding agrees.
 *
 * Where the beacon named the update for an audit, "not audited" never agrees. If exactly half of the findings say so, the others
 * decide when all of them score the update or all say task's fault.
 *
 * @param findings of more than half of the seats
 * @param draw windows: replay windows drawn per audited update; named: whether the beacon named this one for an audit
 */
export function judgeMember(
  findings: readonly Finding[],
  { committeeSize, windows, named }: { committeeSize: number; windows: number; named: boolean },
): Verdict {
  const classes = findings.map(({ entry }) => entryClass(entry))
  const { outcome, inClass } = judgeClasses(classes, named)
  const unscored = { qualityBps: 0, rarityBps: 0, addedWindows: 0, agrees: inClass }
  if (outcome !== 'audited') return { outcome, ...unscored }

  const scored = findings.filter((_, i) => isScored(classes[i]!))
  const scores = (field: 'quality' | 'rarity') =>
    scored.map(({ entry }) => (entryClass(entry) === 'gateFailed' ? 0 : entry[field]))
  const qualityBps = lowerMedian(scores('quality'))
  const replays = findings.map(({ seat, entry: { windows: replayed } }) => ({
    replayed,
    assigned: assignedWindows(windows, committeeSize, seat),
  }))
  return {
    outcome: 'audited',
    qualityBps,
    rarityBps: qualityBps === 0 ? 0 : lowerMedian(scores('rarity')),
    addedWindows: sumOfReplays(replays),
    agrees: inClass,
  }
}

const isScored = (name: EntryClass) => name === 'audited' || name === 'gateFailed'

function judgeClasses(classes: readonly EntryClass[], named: boolean) {
  const half = classes.length / 2
  const countOf = (name: EntryClass) => classes.filter((other) => other === name).length
  const isTie = named && countOf('notAudited') === half
  const decides = (count: number) => count > half || (isTie && count === half)
  const paid = (['audited', 'gateFailed', 'taskFault', 'notAudited'] as const).find(
    (name) => countOf(name) > (isTie ? half / 2 : half) && !(named && name === 'notAudited'),
  )
  const outcome = outcomeOf()
  const isPaid = !named || outcome !== 'unaudited'
  return { outcome, inClass: classes.map((name) => isPaid && name === paid) }

  function outcomeOf(): Outcome {
    if (decides(countOf('taskFault'))) return 'taskFault'
    if (countOf('gateFailed') > half) return 'failed'
    return decides(countOf('audited') + countOf('gateFailed')) ? 'audited' : 'unaudited'
  }
}

type Replay = { replayed: number; assigned: number }

/**
 * Windows that the seats replayed without a miss; 0 when one of them reports a miss in a window of its own. A seat's word about its
 * windows never moves its own pay: others may have seen what it could not see.
 */
function sumOfReplays(replays: readonly Replay[]): number {
  if (replays.some(({ replayed, assigned }) => replayed === MISSED && assigned > 0)) return 0
  return replays.reduce((sum, { replayed, assigned }) => sum + Math.min(replayed, assigned), 0)
}

/** Applies a verdict to a member. @returns the result in the event, the record afterwards, and the credited reward wei */
export function settleMember(
  verdict: Verdict,
  before: Standing,
  inputs: PayInputs,
): { result: SettledMember; standing: Standing; credited: bigint } {
  const { outcome } = verdict
  const standing = recordVerdict(verdict, before)
  const [qualityBps, rarityBps] =
    outcome === 'unaudited' || outcome === 'taskFault'
      ? [before.runningQualityBps, before.runningRarityBps]
      : [verdict.qualityBps, verdict.rarityBps]
  const { reputationBps, provenWindows } = standing
  const provenBps = provenFractionBps(provenWindows)
  const pay = contributorPay({ ...inputs, qualityBps, rarityBps, reputationBps, provenBps })
  const amount = pay.computePay + pay.dataPay

  const isPassed = outcome === 'audited' && qualityBps > 0
  const held = {
    audited: isPassed ? 0n : before.held,
    unaudited: before.held + amount,
    failed: 0n,
    taskFault: before.held,
  }[outcome]
  const released = isPassed ? before.held : 0n
  const credited = outcome === 'audited' || outcome === 'taskFault' ? amount + released : 0n
  const result = { outcome, provenWindows, reputationBps, qualityBps, rarityBps, ...pay }
  return { result, standing: { ...standing, held }, credited }
}

function recordVerdict(
  { outcome, qualityBps, rarityBps, addedWindows }: Verdict,
  before: Standing,
): Standing {
  const seen = before.seen + 1
  if (outcome === 'taskFault') return before
  if (outcome === 'unaudited') return { ...before, seen }

  const hasFailed = outcome === 'failed'
  return {
    ...before,
    seen,
    reputationBps: nextReputation(before.reputationBps, qualityBps),
    runningQualityBps: runningNext(before.runningQualityBps, qualityBps, before.seen),
    runningRarityBps: runningNext(before.runningRarityBps, rarityBps, before.seen),
    provenWindows: hasFailed ? 0 : provenNext(before.provenWindows, addedWindows),
    flagged: hasFailed || (before.flagged && qualityBps === 0),
  }
}
