/**
 * Whether samples have targets that can't be true: the model that training starts from is surprised by more of them than by the
 * held-out pool's.
 *
 *     cut(s) = loss that 99 in 100 of the round's samples of stratum s stay below; of fewer than 99, the largest
 *     above  = share of the shown samples whose loss is above the cut of their stratum
 *     usual  = TIMES · the same share of samples like the pool's, by their number in each stratum
 *     strange where above > usual + DEVIATIONS · √(usual · (1 − usual) / distinct samples)
 *
 * Why: when training has come far, an update that was trained on false targets can't be told from others by what it does to the
 * pool. Its samples can: whoever has learnt what a 3 looks like is surprised by one that is called a 6. Cuts by stratum leave
 * alone who holds what the model knows least of. A model that knows nothing yet is surprised by nothing: then the update itself
 * tells (see quality.ts).
 */
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
/** Calibrated on handwritten digits: lab/experiments/calibrate-targets.ts, docs/decisions/0055-where-nothing-can-be-told.md. */
const TIMES = 5
const DEVIATIONS = 3

/** Compares samples that a contributor shows with the round's samples of the pool. Without shown samples nothing is strange. */
export function strangeTargets(
  spec: Pick<SampleSpec, 'strata'>,
  pool: Surprise,
  shown: Surprise,
): StrangeTargets {
  const cuts = cutsOf(groupsOf(spec, pool.samples), pool.losses)
  let [above, usual] = [0, 0]
  groupsOf(spec, shown.samples).forEach((group, i) => {
    const { loss, share } = cuts.get(group) ?? ANY
    if (shown.losses[i]! > loss) above += 1
    usual += share
  })
  const { n } = shown.samples
  if (n === 0) return { above: 0, most: 1, isStrange: false }
  // Batches repeat samples of a small shard: a repeated one says nothing new.
  const distinct = new Set(shown.losses).size
  const mean = Math.min(1, (TIMES * usual) / n)
  const most = Math.min(1, mean + DEVIATIONS * Math.sqrt((mean * (1 - mean)) / distinct))
  return { above: above / n, most, isStrange: above / n > most }
}

/** The loss above which a share of honest samples lies. */
type Cut = { loss: number; share: number }

/** Of a stratum that the round has no samples of: nothing is above it. */
const ANY: Cut = { loss: Number.POSITIVE_INFINITY, share: 0 }

function cutsOf(groups: readonly number[], losses: Float32Array): Map<number, Cut> {
  const members = new Map<number, number[]>()
  losses.forEach((loss, i) => {
    const group = members.get(groups[i]!) ?? []
    members.set(groups[i]!, group)
    group.push(loss)
  })
  return new Map([...members].map(([group, all]) => [group, cutOf(all)]))
}

function cutOf(losses: number[]): Cut {
  const sorted = losses.sort((a, b) => a - b)
  const places = sorted.length + 1
  const rank = Math.min(sorted.length, Math.ceil(BELOW_CUT * places))
  return { loss: sorted[rank - 1]!, share: (places - rank) / places }
}

/** The stratum of each sample; all are of one where strata are a column, which contributors' samples lack. */
function groupsOf(spec: Pick<SampleSpec, 'strata'>, samples: Dataset): number[] {
  return [...(spec.strata.by === 'column' ? new Int32Array(samples.n) : strataOf(spec, samples))]
}
