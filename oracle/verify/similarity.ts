import type { Hash } from '@assay/engine/hash.ts'
import { collapseCopies, keptVectors, repeatGlobalSteps } from '@assay/engine/judge/similarity.ts'
import { modelLayout } from '@assay/engine/package/model.ts'
import type { State } from '@assay/engine/package/state.ts'
import { stateDataBytes, type TaskSpec } from '@assay/engine/package/task-spec.ts'
import { delta } from '@assay/engine/run/update.ts'
import type { Address } from 'viem'

/** An update that passed the earlier gates, as S2 compares it. */
export type Comparable = {
  contributor: Address
  /** Index of its submission: the order in which contributors committed. */
  order: number
  modelHash: Hash
  /** Makes the update's delta, flat. */
  vector: () => Float32Array
  /**
   * What this seat saw of its training: a proven window, no window although some were drawn, or no window was drawn.
   */
  training: 'proven' | 'withheld' | 'unseen'
}

/** Makers of the differences of updates to their base, of which each is compared with all others. */
export function vectorsOf(
  spec: TaskSpec,
  base: State,
  finals: readonly State[],
): readonly (() => Float32Array)[] {
  const makers = finals.map((final) => () => delta(spec, base, final))
  return keptVectors(makers, stateDataBytes(modelLayout(spec)))
}

/**
 * Stage S2: nobody is paid for submitting a global step again, nor for a near copy of somebody's training.
 *
 * The order of commitments alone doesn't show who copied. A contributor may take a colleague's update of the last round
 * and add it to this round's base: that is a near copy of what the colleague is about to train. So in a cluster of near
 * copies, the original is the earliest update with a window that this seat proved. Copies are those whose training is
 * withheld, and those that came later and had no window drawn. Without an original, only equal models count as copies:
 * the first of them is kept.
 *
 * @param lastGlobalSteps make the differences of the last five global models, oldest first
 * @returns the reason for each update that does not pass, by contributor
 */
export function findRepeats(
  updates: readonly Comparable[],
  lastGlobalSteps: readonly (() => Float32Array)[],
): Map<Address, string> {
  const repeats = new Map<Address, string>()
  const again = repeatGlobalSteps(
    updates.map(({ vector }) => vector),
    lastGlobalSteps,
  )
  const fresh = updates.filter((_, i) => !again[i])
  for (const [i, { contributor }] of updates.entries())
    if (again[i]) repeats.set(contributor, 'it repeats one of the last global steps')

  const { clusters, threshold } = collapseCopies(
    fresh.map((update) => ({ ...update, id: update.contributor })),
  )
  for (const { members } of clusters) {
    const cluster = fresh.filter(({ contributor }) => members.includes(contributor))
    for (const copy of cluster) {
      const original = originalOf(copy, cluster)
      if (original === undefined) continue
      const reason = `a near copy of ${original.contributor}'s update (cosine from ${threshold.toFixed(3)})`
      repeats.set(copy.contributor, reason)
    }
  }
  return repeats
}

/** The update that this one copies; undefined if it is no copy. */
function originalOf(update: Comparable, cluster: readonly Comparable[]): Comparable | undefined {
  if (update.training === 'proven') return undefined
  const earliestFirst = [...cluster].sort((a, b) => a.order - b.order)
  const lead = earliestFirst.find(({ training }) => training === 'proven')
  if (lead !== undefined && (update.training === 'withheld' || update.order > lead.order)) return lead
  return earliestFirst.find(({ modelHash, order }) => modelHash === update.modelHash && order < update.order)
}
