import { subset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import { evaluateDataset } from '@assay/engine/run/evaluate.ts'
import { entryReason } from '@assay/sdk/protocol/entry-reasons.ts'
import { entryClass, type ScoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { BACKDOOR_CLASS } from '../datasets/lab-dataset.ts'
import type { Federation } from './federation.ts'
import type { PlayedRound } from './play-round.ts'
import type { Outcome } from './settle-cohort.ts'

/**
 * Audited updates; those of them that the committee gave nothing, since they failed a gate or their quality is 0; and those on which
 * most of its seats couldn't decide, so that running scores stand.
 */
export type Tally = { audited: number; flagged: number; undecided: number }

export type RoundFigures = {
  round: number
  accuracy: number
  honest: Tally
  /** Honest holders of a rare class. */
  rare: Tally
  attackers: Tally
  /** Honest entries of single seats, before any median. */
  honestEntries: Tally
  /** Why flagged honest updates were, by what most of their seats said. */
  honestReasons: Record<string, number>
  /** Mean weight of an attacker's update to that of an honest one; null where there is nobody or no weight. */
  attackerWeightRatio: number | null
  meanHonestQualityBps: number
  keptModel?: string
  voidCohorts: number
  trainingCpuSeconds: number
  overheadCpuSeconds: number
  verificationCpuSeconds: number
}

/** Share of all samples of a class from which a contributor counts as its holder. */
const RARE_SHARE = 0.25

/** Contributors that hold a quarter or more of the samples of some class: without them it would be scarce. */
export function rareHolders({ shards, options: { dataset } }: Federation): Set<number> {
  const counts = shards.map(({ y }) => {
    const of = Array.from({ length: dataset.classes }, () => 0)
    for (const label of y) of[label] = of[label]! + 1
    return of
  })
  const totals = Array.from({ length: dataset.classes }, (_, c) =>
    counts.reduce((sum, of) => sum + of[c]!, 0),
  )
  return new Set(
    counts.flatMap((of, index) =>
      of.some((count, c) => totals[c]! > 0 && count >= RARE_SHARE * totals[c]!) ? [index] : [],
    ),
  )
}

/** The figures of a round. @param rare see {@link rareHolders} */
export async function figuresOf(
  federation: Federation,
  played: PlayedRound,
  rare: ReadonlySet<number>,
): Promise<RoundFigures> {
  const { round, settled, voidCohorts, next, meters } = played
  const outcomes = settled.flatMap((one) => one.outcomes)
  const honest = outcomes.filter(({ contributor }) => !contributor.isAttacker)
  const attackers = outcomes.filter(({ contributor }) => contributor.isAttacker)
  const scored = honest.filter(({ verdict }) => verdict.outcome === 'audited')
  return {
    round,
    accuracy: await accuracyOf(federation, next.state),
    honest: tally(honest),
    rare: tally(honest.filter(({ contributor }) => rare.has(contributor.index))),
    attackers: tally(attackers),
    honestEntries: entriesOf(honest),
    honestReasons: reasonsOf(honest.filter(isFlagged)),
    attackerWeightRatio: weightRatio(federation, next.weights),
    meanHonestQualityBps: Math.round(meanOf(scored.map(({ verdict }) => verdict.qualityBps))),
    ...(next.kept !== undefined && { keptModel: next.kept }),
    voidCohorts,
    trainingCpuSeconds: meters.training.seconds(),
    overheadCpuSeconds: meters.overhead.seconds(),
    verificationCpuSeconds: meters.verification.seconds(),
  }
}

export async function accuracyOf({ engine, options }: Federation, state: State): Promise<number> {
  return (await evaluateDataset({ engine, state, data: await options.dataset.test() })).meanMetric
}

/** Share of the test samples of other classes that the trigger makes members of the backdoor's class. */
export async function backdoorSuccess({ engine, options }: Federation, state: State): Promise<number> {
  const { dataset } = options
  const test = await dataset.test()
  const others = [...test.y.keys()].filter((i) => test.y[i] !== BACKDOOR_CLASS)
  const triggered = dataset.triggered(subset(test, others))
  const data = { ...triggered, y: triggered.y.map(() => BACKDOOR_CLASS) }
  return (await evaluateDataset({ engine, state, data })).meanMetric
}

/** Whether the committee gave an audited update nothing. A running score of 0 that stands for no decision isn't its finding. */
export function isFlagged(one: Outcome): boolean {
  const { outcome, qualityBps } = one.verdict
  return outcome === 'failed' || (outcome === 'audited' && qualityBps === 0 && !isUndecided(one))
}

function isUndecided({ entries }: Outcome): boolean {
  return 2 * entries.filter(decidesNothing).length > entries.length
}

function tally(outcomes: readonly Outcome[]): Tally {
  const audited = outcomes.filter(({ verdict }) => verdict.outcome !== 'unaudited')
  const undecided = audited.filter(isUndecided)
  return {
    audited: audited.length,
    flagged: audited.filter(isFlagged).length,
    undecided: undecided.length,
  }
}

function entriesOf(outcomes: readonly Outcome[]): Tally {
  const entries = outcomes
    .filter(({ named }) => named)
    .flatMap((one) => one.entries)
    .filter((entry) => entryClass(entry) !== 'notAudited')
  return {
    audited: entries.length,
    flagged: entries.filter(saysNothing).length,
    undecided: entries.filter(decidesNothing).length,
  }
}

const decidesNothing = (entry: ScoreEntry) => entryReason(entry) === 'undecided'

const saysNothing = (entry: ScoreEntry) => entryClass(entry) === 'gateFailed' || entry.quality === 0

function reasonsOf(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { entries } of outcomes) {
    const reasons = entries.filter(saysNothing).map(reasonOf)
    const most = reasons.toSorted((a, b) => countOf(reasons, b) - countOf(reasons, a))[0]!
    counts[most] = (counts[most] ?? 0) + 1
  }
  return counts
}

function reasonOf(entry: ScoreEntry): string {
  const reason = entryReason(entry)
  return reason === 'scored' ? 'quality 0' : reason
}

const countOf = (all: readonly string[], one: string) => all.filter((other) => other === one).length

function weightRatio({ contributors }: Federation, weights: ReadonlyMap<number, number>): number | null {
  const mean = (isAttacker: boolean) => {
    const some = contributors.filter((one) => one.isAttacker === isAttacker && weights.has(one.index))
    return some.length === 0 ? Number.NaN : meanOf(some.map(({ index }) => weights.get(index)!))
  }
  return ratioOf(mean(true), mean(false))
}

/** A ratio; null for nobody and nothing, the largest number where only the honest have nothing: JSON has no infinity. */
export function ratioOf(attackers: number, honest: number): number | null {
  if (Number.isNaN(attackers) || Number.isNaN(honest) || (attackers === 0 && honest === 0)) return null
  return honest === 0 ? Number.MAX_VALUE : attackers / honest
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
