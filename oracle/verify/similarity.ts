import type { Hash } from '@assay/engine/hash.ts'
import { collapseCopies, repeatsGlobalStep } from '@assay/engine/judge/similarity.ts'
import type { Address } from 'viem'

/** An update that passed the gates before, as S2 compares it. */
export type Comparable = {
  contributor: Address
  /** Index of its submission: who committed first leads a cluster. */
  order: number
  stateHash: Hash
  /** The update's delta, flat. */
  vector: Float32Array
  /** What this seat saw of its training: a window that held, none of those it asked for, or it had none to ask for. */
  training: 'proven' | 'withheld' | 'unseen'
}

/**
 * Stage S2: nobody is paid for handing in a global step again, nor for a near copy of somebody's training.
 *
 * Who committed first says little: last round's update of a colleague, laid on this round's base, is a near copy of the one that
 * the colleague is about to train. So the earliest with training that this seat replayed leads a cluster; those who showed none of theirs,
 * or committed later without having been asked, are its copies. Without such a lead only equal states are told apart, by order.
 *
 * @param lastGlobalSteps differences of the last five global models, oldest first
 * @returns the reason for each update that does not pass, by contributor
 */
export function findRepeats(
  updates: readonly Comparable[],
  lastGlobalSteps: readonly Float32Array[],
): Map<Address, string> {
  const repeats = new Map<Address, string>()
  const fresh: Comparable[] = []
  for (const update of updates) {
    if (repeatsGlobalStep(update.vector, lastGlobalSteps))
      repeats.set(update.contributor, 'it repeats one of the last global steps')
    else fresh.push(update)
  }

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

/** The update that this one copies, if it is a copy. */
function originalOf(update: Comparable, cluster: readonly Comparable[]): Comparable | undefined {
  if (update.training === 'proven') return undefined
  const earliestFirst = [...cluster].sort((a, b) => a.order - b.order)
  const lead = earliestFirst.find(({ training }) => training === 'proven')
  if (lead !== undefined && (update.training === 'withheld' || update.order > lead.order)) return lead
  return earliestFirst.find(({ stateHash, order }) => stateHash === update.stateHash && order < update.order)
}
