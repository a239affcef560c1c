/**
 * What a cohort's settlement does to one member, written a second time: from revealed sheets, dashboards and tests recompute what
 * contracts/rounds/Settlement.sol paid, to the wei.
 */
import { lowerMedian } from './median.ts'
import {
  keptBps,
  MIN_REPUTATION_BPS,
  NEUTRAL_QUALITY_BPS,
  NEUTRAL_RARITY_BPS,
  nextReputation,
  provenNext,
  runningNext,
} from './reputation.ts'
import type { Outcome, SettledMember } from './results.ts'
import { contributorPay, type Inputs, provenFractionBps } from './reward-formula.ts'
import { assignedWindows } from './sampling.ts'
import {
  type EntryClass,
  entryClass,
  LEAST_RARITY,
  MAX_QUALITY,
  MAX_RARITY,
  MISSED,
  NO_DECISION,
  type ScoreEntry,
  WITHHELD_BY_DISTANCE,
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
  /** Windows of the seats that scored the member. */
  askedWindows: number
  /** Those of them that were withheld. */
  withheldWindows: number
  /** Whether the seats that can decide are too few to clear a flag. */
  isUndecided: boolean
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

/** What stands in for the score of a member on which a seat can't decide. */
type Running = Pick<Standing, 'judged' | 'runningQualityBps' | 'runningRarityBps'>

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
 * A finding of no decision is an audited one and counts as the member's running scores. It clears no flag: that takes more than half
 * of the counted findings, each with a score of its own above 0.
 *
 * Windows that a seat did not replay count as withheld if a seat that looked at them says so, and none contradicts: the next two
 * seats look. Only findings that score the update say anything, and to be silent is an answer only of a seat that proved a window
 * of its own, or had none: one that looked at nothing must not save who withholds.
 *
 * Where the beacon named the update for an audit, "not audited" never agrees. If exactly half of the findings say so, the others
 * decide when all of them score the update or all say task's fault.
 *
 * @param findings of more than half of the seats
 * @param draw windows: replay windows drawn per audited update; named: whether the beacon named this one for an audit
 * @param before the member's record before the verdict
 */
export function judgeMember(
  findings: readonly Finding[],
  { committeeSize, windows, named }: { committeeSize: number; windows: number; named: boolean },
  before: Running,
): Verdict {
  const classes = findings.map(({ entry }) => entryClass(entry))
  const { outcome, inClass } = judgeClasses(classes, named)
  const noWindows = { addedWindows: 0, askedWindows: 0, withheldWindows: 0 }
  const unscored = { qualityBps: 0, rarityBps: 0, ...noWindows, isUndecided: false, agrees: inClass }
  if (outcome !== 'audited') return { outcome, ...unscored }

  const scored = findings.filter((_, i) => isScored(classes[i]!)).map(({ entry }) => entry)
  const { qualityBps, rarityBps } = mediansOf(scored, before)
  const replays = findings.map(({ seat, entry: { windows: replayed } }) => ({
    replayed,
    assigned: assignedWindows(windows, committeeSize, seat),
  }))
  return {
    outcome: 'audited',
    qualityBps,
    rarityBps: qualityBps === 0 ? 0 : rarityBps,
    addedWindows: sumOfReplays(replays),
    ...withheldOf(findings, committeeSize, windows),
    isUndecided: qualityBps > 0 && mediansOf(scored, NOTHING).qualityBps === 0,
    agrees: inClass,
  }
}

const NEUTRAL: Running = {
  judged: true,
  runningQualityBps: NEUTRAL_QUALITY_BPS,
  runningRarityBps: NEUTRAL_RARITY_BPS,
}
const NOTHING: Running = { judged: true, runningQualityBps: 0, runningRarityBps: 0 }

/** Lower medians of scores: a failed gate counts 0, no decision the running scores, or neutral ones where there are none. */
function mediansOf(scored: readonly ScoreEntry[], before: Running) {
  const running = before.judged ? before : NEUTRAL
  const counted = scored.map((entry) => {
    if (entryClass(entry) === 'gateFailed') return { quality: 0, rarity: 0 }
    if (entry.quality === NO_DECISION)
      return { quality: running.runningQualityBps, rarity: running.runningRarityBps }
    return { quality: entry.quality, rarity: orNone(entry.rarity) }
  })
  return {
    qualityBps: lowerMedian(counted.map(({ quality }) => quality)),
    rarityBps: lowerMedian(counted.map(({ rarity }) => rarity)),
  }
}

/** The reasons of entries without quality are no rarities. */
const orNone = (rarityBps: number) => (rarityBps < LEAST_RARITY ? 0 : rarityBps)

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

const BPS = 10_000n

type Replay = { replayed: number; assigned: number }

/**
 * Windows that the seats replayed without a miss; 0 when one of them reports a miss in a window of its own. A seat's word about its
 * windows never moves its own pay: others may have seen what it could not see.
 */
function sumOfReplays(replays: readonly Replay[]): number {
  if (replays.some(({ replayed, assigned }) => replayed === MISSED && assigned > 0)) return 0
  return replays.reduce((sum, { replayed, assigned }) => sum + Math.min(replayed, assigned), 0)
}

/** Windows of the seats that scored the member: all, and those that the seats which looked at them call withheld, too. */
function withheldOf(
  findings: readonly Finding[],
  committeeSize: number,
  windows: number,
): { askedWindows: number; withheldWindows: number } {
  const scored = findings.filter(({ entry }) => entryClass(entry) === 'audited')
  const wordOf = (seat: number, distance: 1 | 2) => {
    const looker = scored.find((other) => other.seat === (seat + distance) % committeeSize)
    const says = looker && (looker.entry.withheld & WITHHELD_BY_DISTANCE[distance]) !== 0
    const isIdle = looker?.entry.windows === 0 && assignedWindows(windows, committeeSize, looker.seat) > 0
    return says || !isIdle ? says : undefined
  }
  let [askedWindows, withheldWindows] = [0, 0]
  for (const { seat, entry } of scored) {
    const words = [wordOf(seat, 1), wordOf(seat, 2)].filter((word) => word !== undefined)
    const assigned = assignedWindows(windows, committeeSize, seat)
    askedWindows += assigned
    if (words.length > 0 && words.every(Boolean)) withheldWindows += Math.max(0, assigned - entry.windows)
  }
  return { askedWindows, withheldWindows }
}

/** Applies a verdict to a member. @returns the result in the event, the record afterwards, and the credited reward wei */
export function settleMember(
  verdict: Verdict,
  before: Standing,
  inputs: PayInputs,
): { result: SettledMember; standing: Standing; credited: bigint } {
  const standing = recordVerdict(verdict, before, inputs)
  const { reputationBps, provenWindows } = standing
  const { qualityBps, rarityBps } = scoresOf(verdict, standing)
  const scores = { qualityBps, rarityBps, windows: provenWindows }
  const isUnknown = verdict.outcome === 'unaudited' && !standing.judged
  const full = payOf(standing, isUnknown ? highestScores(inputs) : scores, inputs)
  const pay = { ...full, computePay: keptOf(full.computePay, verdict, inputs) }
  const result = { outcome: verdict.outcome, provenWindows, reputationBps, qualityBps, rarityBps, ...pay }
  const amount = pay.computePay + pay.dataPay
  if (verdict.outcome === 'unaudited') {
    const heldRounds = before.heldRounds + (amount === 0n ? 0 : 1)
    return { result, standing: { ...standing, held: before.held + amount, heldRounds }, credited: 0n }
  }
  const released = releasedBy(
    verdict,
    { before, after: standing, firstPay: full.computePay + full.dataPay },
    inputs,
  )
  if (released === undefined) return { result, standing, credited: amount }
  return { result, standing: { ...standing, held: 0n, heldRounds: 0 }, credited: amount + released }
}

/** What withheld windows leave of pay that an audit decides on. */
function keptOf(amount: bigint, { withheldWindows }: Verdict, { windows }: PayInputs): bigint {
  return (amount * BigInt(keptBps(withheldWindows, windows))) / BPS
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
  { before, after, firstPay }: { before: Standing; after: Standing; firstPay: bigint },
  inputs: PayInputs,
): bigint | undefined {
  if (before.held === 0n || verdict.outcome === 'taskFault') return undefined
  const waits = verdict.outcome === 'audited' && (verdict.qualityBps === 0 || after.flagged)
  if (waits && before.judged && !inputs.isLastRound) return undefined
  if (verdict.outcome === 'failed' || after.flagged) return 0n

  const shown = inputs.isLastRound
    ? provenPart(verdict, before, inputs.windows)
    : keptOf(before.held, verdict, inputs)
  if (before.judged) return shown
  const highest = payOf(after, highestScores(inputs), inputs)
  const whole = highest.computePay + highest.dataPay
  return whole === 0n ? 0n : (shown * firstPay) / whole
}

/**
 * What the audit of a task's last round proves of held pay: it draws windows of held rounds too, see `replayAssignments`, and each
 * one that is withheld costs its share.
 */
function provenPart(
  { askedWindows, withheldWindows }: Verdict,
  { held, heldRounds }: Standing,
  windows: number,
): bigint {
  if (withheldWindows === 0) return held
  const ofHeldRounds = windows - Math.ceil(windows / (heldRounds + 1))
  const whole = askedWindows * (ofHeldRounds || windows)
  return (held * BigInt(Math.max(0, whole - withheldWindows * windows))) / BigInt(whole)
}

function recordVerdict(
  { outcome, qualityBps, rarityBps, addedWindows, withheldWindows, isUndecided }: Verdict,
  before: Standing,
  { windows }: PayInputs,
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
    provenWindows: hasFailed ? 0 : provenNext(before.provenWindows, addedWindows, withheldWindows * windows),
    flagged: hasFailed || (before.flagged && (qualityBps === 0 || isUndecided)),
  }
}
