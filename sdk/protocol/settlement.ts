/**
 * What a cohort's settlement does to one member, written a second time: dashboards and tests recompute from revealed
 * sheets what contracts/rounds/Settlement.sol paid, and must come to the same wei.
 */
import { lowerMedian } from './median.ts'
import { nextReputation, provenNext, runningNext } from './reputation.ts'
import type { Outcome, SettledMember } from './results.ts'
import { contributorPay, provenFractionBps, type Terms } from './reward-formula.ts'
import { assignedWindows } from './sampling.ts'
import { entryClass, MISSED, type ScoreEntry } from './score-words.ts'

/** One revealed seat's word on a member. */
export type Vote = { seat: number; entry: ScoreEntry }

/** What the seats say together. */
export type Verdict = {
  outcome: Outcome
  qualityBps: number
  rarityBps: number
  /** Windows replayed without a miss, of all seats. */
  addedWindows: number
  /** By vote: whether it agrees with the outcome, which its pay counts. */
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

/** What the round and the member bring into the formula. */
export type PayTerms = Pick<
  Terms,
  'priceCompute' | 'computeUnits' | 'priceData' | 'dataUnits' | 'earlyBonusBps'
>

/**
 * The verdict of the revealed seats on one member. With n votes: a class of entries with more than n/2 of them is the
 * majority. A failed gate or no audit by majority is the outcome; else scores count when audited and failed entries
 * together are more than n/2, a failed one as 0. Without a majority nobody agrees with it.
 *
 * @param votes of more than half of the seats
 * @param windows replay windows drawn per audited update
 */
export function judgeMember(votes: readonly Vote[], committeeSize: number, windows: number): Verdict {
  const classes = votes.map(({ entry }) => entryClass(entry))
  const majority = (['audited', 'gateFailed', 'notAudited'] as const).find(
    (name) => 2 * classes.filter((other) => other === name).length > votes.length,
  )
  const inClass = classes.map((name) => name === majority)
  const unscored = { qualityBps: 0, rarityBps: 0, addedWindows: 0, agrees: inClass }
  if (majority === 'gateFailed') return { outcome: 'failed', ...unscored }

  const scored = votes.filter((_, i) => classes[i] !== 'notAudited')
  if (2 * scored.length <= votes.length) return { outcome: 'unaudited', ...unscored }

  const scores = (field: 'quality' | 'rarity') =>
    scored.map(({ entry }) => (entryClass(entry) === 'gateFailed' ? 0 : entry[field]))
  const qualityBps = lowerMedian(scores('quality'))
  const replays = votes.map(({ seat, entry: { windows: replayed } }) => ({
    replayed,
    assigned: assignedWindows(windows, committeeSize, seat),
  }))
  const onReplay = replayAgreement(replays)
  return {
    outcome: 'audited',
    qualityBps,
    rarityBps: qualityBps === 0 ? 0 : lowerMedian(scores('rarity')),
    addedWindows: sumOfReplays(replays),
    agrees: inClass.map((agrees, i) => agrees && onReplay[i]!),
  }
}

type Replay = { replayed: number; assigned: number }

/** What the seats replayed without a miss; nothing when one of them says that a window of its own differs. */
function sumOfReplays(replays: readonly Replay[]): number {
  if (replays.some(({ replayed, assigned }) => replayed === MISSED && assigned > 0)) return 0
  return replays.reduce((sum, { replayed, assigned }) => sum + Math.min(replayed, assigned), 0)
}

/** Seats without windows abstain and agree; in a tie nobody else does. */
function replayAgreement(replays: readonly Replay[]): boolean[] {
  const words = replays.map(({ replayed, assigned }) => (assigned === 0 ? undefined : replayed === assigned))
  const lead = words.filter((word) => word === true).length - words.filter((word) => word === false).length
  return words.map((word) => word === undefined || (lead !== 0 && word === lead > 0))
}

/** What a verdict makes of a member: the result that the event tells, and its record afterwards. */
export function settleMember(
  verdict: Verdict,
  before: Standing,
  terms: PayTerms,
): { result: SettledMember; standing: Standing; credited: bigint } {
  const { outcome } = verdict
  const standing = recordVerdict(verdict, before)
  const [qualityBps, rarityBps] =
    outcome === 'unaudited'
      ? [before.runningQualityBps, before.runningRarityBps]
      : [verdict.qualityBps, verdict.rarityBps]
  const { reputationBps, provenWindows } = standing
  const provenBps = provenFractionBps(provenWindows)
  const pay = contributorPay({ ...terms, qualityBps, rarityBps, reputationBps, provenBps })
  const amount = pay.computePay + pay.dataPay

  const isPassed = outcome === 'audited' && qualityBps > 0
  const held = { unaudited: before.held + amount, failed: 0n, audited: isPassed ? 0n : before.held }[outcome]
  const credited = outcome === 'audited' ? amount + (isPassed ? before.held : 0n) : 0n
  const result = { outcome, provenWindows, reputationBps, qualityBps, rarityBps, ...pay }
  return { result, standing: { ...standing, held }, credited }
}

function recordVerdict(
  { outcome, qualityBps, rarityBps, addedWindows }: Verdict,
  before: Standing,
): Standing {
  const seen = before.seen + 1
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
