/**
 * Whether samples have targets that can't be true: the model that training starts from is surprised by more of them than by the
 * held-out pool's.
 *
 *     cut(s) = loss that 99 in 100 of the round's samples of stratum s stay below; of fewer than 99 the largest, but at least what 99
 *              in 100 of all samples stay below
 *     above  = share of the shown samples whose loss is above the cut of their stratum
 *     usual  = mean over the shown samples of max(TIMES / 100, 2 / (samples of the stratum + 1))
 *     strange where above > usual + DEVIATIONS · √(usual · (1 − usual) / distinct samples)
 *
 * Why: when training has come far, an update that was trained on false targets can't be told from others by what it does to the
 * pool. Its samples can: whoever has learnt what a 3 looks like is surprised by one that is called a 6. Cuts by stratum leave
 * alone who holds what the model knows least of. Where strata are a column, which contributors' samples lack, the largest cut of all
 * strata counts. A model that knows nothing yet is surprised by nothing: then the update itself tells (see quality.ts).
 */
import { contentHashes } from '../package/content-hash.ts'
import { type Dataset, strataOf } from '../package/data.ts'
import type { SampleSpec } from '../package/sample-spec.ts'

export type StrangeTargets = {
  /** Share of the shown samples that are above the cut. */
  above: number
  /** Largest share that samples with true targets have. */
  most: number
  isStrange: boolean
}

/** Samples, and the loss of the base model on each. */
export type Surprise = { samples: Dataset; losses: Float32Array }

const BELOW_CUT = 0.99
/** Calibrated on handwritten digits: lab/experiments/calibrate-quality.ts, docs/decisions/0055-where-nothing-can-be-told.md. */
const TIMES = 5
const DEVIATIONS = 3

/** Compares samples that a contributor shows with the round's samples of the pool. Without shown samples nothing is strange. */
export function strangeTargets(
  spec: Pick<SampleSpec, 'strata'>,
  pool: Surprise,
  shown: Surprise,
): StrangeTargets {
  const { n } = shown.samples
  if (n === 0) return { above: 0, most: 1, isStrange: false }
  const cutFor = cutsOf(spec, pool)
  let [above, usual] = [0, 0]
  strataOfShown(spec, shown.samples).forEach((stratum, i) => {
    const { loss, share } = cutFor(stratum)
    if (surprise(shown.losses[i]!) > loss) above += 1
    usual += share
  })
  // A sample that is shown twice says nothing new.
  const distinct = new Set(contentHashes(shown.samples)).size
  const mean = Math.min(1, usual / n)
  const most = Math.min(1, mean + DEVIATIONS * Math.sqrt((mean * (1 - mean)) / distinct))
  return { above: above / n, most, isStrange: above / n > most }
}

/** The loss above which a sample counts, and the share of samples with true targets that may be above. */
type Cut = { loss: number; share: number }

/** Of a stratum that the round has no samples of: nothing is above it. */
const ANY: Cut = { loss: Number.POSITIVE_INFINITY, share: 0 }

/** The cut of a stratum; of samples without one the largest. */
function cutsOf(spec: Pick<SampleSpec, 'strata'>, { samples, losses }: Surprise): (stratum?: number) => Cut {
  const all = [...losses].map(surprise)
  const byStratum = new Map<number, number[]>()
  strataOf(spec, samples).forEach((stratum, i) => {
    const members = byStratum.get(stratum)
    if (members === undefined) byStratum.set(stratum, [all[i]!])
    else members.push(all[i]!)
  })
  const least = cutOf(all, 0).loss
  const cuts = new Map([...byStratum].map(([stratum, of]) => [stratum, cutOf(of, least)]))
  const largest = [...cuts.values()].reduce((one, other) => (other.loss > one.loss ? other : one))
  return (stratum) => (stratum === undefined ? largest : (cuts.get(stratum) ?? ANY))
}

function cutOf(losses: readonly number[], least: number): Cut {
  const sorted = losses.toSorted((a, b) => a - b)
  const places = sorted.length + 1
  const rank = Math.ceil(BELOW_CUT * places)
  const loss = rank > sorted.length ? Math.max(least, sorted.at(-1)!) : sorted[rank - 1]!
  return { loss, share: Math.max(TIMES * (1 - BELOW_CUT), 2 / places) }
}

/** A loss that isn't a number surprises most. */
function surprise(loss: number): number {
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss
}

/** The stratum of each sample; undefined where strata are a column. */
function strataOfShown(spec: Pick<SampleSpec, 'strata'>, samples: Dataset): (number | undefined)[] {
  return spec.strata.by === 'column'
    ? Array.from({ length: samples.n }, () => undefined)
    : [...strataOf(spec, samples)]
}
