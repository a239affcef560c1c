/**
 * What a cohort's settlement does to one member, written a second time: from revealed sheets, dashboards and tests recompute what
 * contracts/rounds/Settlement.sol paid, to the wei.
 */
import { lowerMedian } from './median.ts'
import { MIN_REPUTATION_BPS, nextReputation, provenNext, runningNext } from './reputation.ts'
import type { Outcome, SettledMember } from './results.ts'
import { contributorPay, type Inputs, provenFractionBps } from './reward-formula.ts'
import { assignedWindows } from './sampling.ts'
import {
  type EntryClass,
  entryClass,
  MAX_QUALITY,
  MAX_RARITY,
  MISSED,
  type ScoreEntry,
} from './score-words.ts'

/** What one seat revealed of a member. */
export type Finding = { seat: number; entry: ScoreEntry }

/** What the committee says of a member. */
export type Verdict = {
  outcome: Outcome
  qualityBps: number
  rarityBps: number
  /** Windows replayed without a miss, of all seats. */
  addedWindows: number
  /** Windows that the seats which judged the member were asked for. */
  askedWindows: number
  /** Those of them that their seat did not prove. */
  missingWindows: number
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
  /** Whether an update was ever audited or failed a gate. */
  judged: boolean
  flagged: boolean
  /** Reward wei waiting for the next passed audit. */
  held: bigint
  /** Number of the rounds that they are of. */
  heldRounds: number
}

/** A newcomer's record. */
export const NEWCOMER: Standing = {
  reputationBps: MIN_REPUTATION_BPS,
  runningQualityBps: 0,
  runningRarityBps: 0,
  provenWindows: 0,
  seen: 0,
  judged: false,
  flagged: false,
  held: 0n,
  heldRounds: 0,
}

/** The formula's inputs that don't depend on the verdict. */
export type PayInputs = Pick<
  Inputs,
  'priceCompute' | 'computeUnits' | 'priceData' | 'dataUnits' | 'earlyBonusBps'
> & {
  /** Replay windows drawn per audited update. */
  windows: number
  /** Whether the task pays for no further round. */
  isLastRound: boolean
}

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
  const noWindows = { addedWindows: 0, askedWindows: 0, missingWindows: 0 }
  const unscored = { qualityBps: 0, rarityBps: 0, ...noWindows, agrees: inClass }
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
    ...missingOf(replays.filter((_, i) => isScored(classes[i]!))),
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

/** What the seats that judged the member had to replay, and what they did not prove. */
function missingOf(replays: readonly Replay[]): { askedWindows: number; missingWindows: number } {
  const proven = replays.map(({ replayed, assigned }) =>
    replayed === MISSED ? 0 : Math.min(replayed, assigned),
  )
  const askedWindows = replays.reduce((sum, { assigned }) => sum + assigned, 0)
  return { askedWindows, missingWindows: askedWindows - proven.reduce((sum, windows) => sum + windows, 0) }
}

/** Applies a verdict to a member. @returns the result in the event, the record afterwards, and the credited reward wei */
export function settleMember(
  verdict: Verdict,
  before: Standing,
  inputs: PayInputs,
): { result: SettledMember; standing: Standing; credited: bigint } {
  const standing = recordVerdict(verdict, before)
  const { reputationBps, provenWindows } = standing
  const { qualityBps, rarityBps } = scoresOf(verdict, standing)
  const scores = { qualityBps, rarityBps, windows: provenWindows }
  const isUnknown = verdict.outcome === 'unaudited' && !standing.judged
  const pay = payOf(standing, isUnknown ? highestScores(inputs) : scores, inputs)
  const result = { outcome: verdict.outcome, provenWindows, reputationBps, qualityBps, rarityBps, ...pay }
  const amount = pay.computePay + pay.dataPay
  if (verdict.outcome === 'unaudited') {
    const heldRounds = before.heldRounds + (amount === 0n ? 0 : 1)
    return { result, standing: { ...standing, held: before.held + amount, heldRounds }, credited: 0n }
  }
  const released = releasedBy(verdict, { before, after: standing, amount }, inputs)
  if (released === undefined) return { result, standing, credited: amount }
  return { result, standing: { ...standing, held: 0n, heldRounds: 0 }, credited: amount + released }
}

type Scores = { qualityBps: number; rarityBps: number; windows: number }

/** Q and R, of an update that was not judged the running values. */
function scoresOf({ outcome, qualityBps, rarityBps }: Verdict, after: Standing): Omit<Scores, 'windows'> {
  if (outcome !== 'unaudited' && outcome !== 'taskFault') return { qualityBps, rarityBps }
  return { qualityBps: after.runningQualityBps, rarityBps: after.runningRarityBps }
}

/** The highest Q and R, and m after an audit with all windows proven: what pay is held by as long as no update was judged. */
function highestScores({ windows }: PayInputs): Scores {
  return { qualityBps: MAX_QUALITY, rarityBps: MAX_RARITY, windows }
}

function payOf({ reputationBps }: Standing, { windows, ...scores }: Scores, inputs: PayInputs) {
  return contributorPay({ ...inputs, ...scores, reputationBps, provenBps: provenFractionBps(windows) })
}

/** What a judged update releases of held pay; undefined when all of it stays held. The rest is cancelled. */
function releasedBy(
  verdict: Verdict,
  { before, after, amount }: { before: Standing; after: Standing; amount: bigint },
  inputs: PayInputs,
): bigint | undefined {
  if (before.held === 0n || verdict.outcome === 'taskFault') return undefined
  const isHelpless = verdict.outcome === 'audited' && verdict.qualityBps === 0
  if (isHelpless && before.judged && !inputs.isLastRound) return undefined
  if (verdict.outcome === 'failed' || after.flagged) return 0n

  const proven = inputs.isLastRound ? provenPart(verdict, before, inputs.windows) : before.held
  if (before.judged) return proven
  const highest = payOf(after, highestScores(inputs), inputs)
  const whole = highest.computePay + highest.dataPay
  return whole === 0n ? 0n : (proven * amount) / whole
}

/**
 * What the audit of a task's last round proves of held pay: it draws windows of held rounds too, see `replayAssignments`, and each
 * one that is missing costs its share.
 */
function provenPart(
  { askedWindows, missingWindows }: Verdict,
  { held, heldRounds }: Standing,
  windows: number,
): bigint {
  if (missingWindows === 0) return held
  const ofHeldRounds = windows - Math.ceil(windows / (heldRounds + 1))
  const whole = askedWindows * (ofHeldRounds || windows)
  return (held * BigInt(Math.max(0, whole - missingWindows * windows))) / BigInt(whole)
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
    judged: true,
    reputationBps: nextReputation(before.reputationBps, qualityBps),
    runningQualityBps: runningNext(before.runningQualityBps, qualityBps, before.judged),
    runningRarityBps: runningNext(before.runningRarityBps, rarityBps, before.judged),
    provenWindows: hasFailed ? 0 : provenNext(before.provenWindows, addedWindows),
    flagged: hasFailed || (before.flagged && qualityBps === 0),
  }
}
