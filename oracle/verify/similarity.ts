import type { Hash } from '@assay/engine/hash.ts'
import { collapseCopies, repeatsGlobalStep } from '@assay/engine/similarity.ts'
import type { Address } from 'viem'

/** An update that passed the gates before, as S2 compares it. */
export type Comparable = {
  contributor: Address
  /** Index of its submission: who committed first leads a cluster. */
  order: number
  stateHash: Hash
  /** The update's delta, flat. */
  vector: Float32Array
}

/**
 * Stage S2: near copies collapse into their earliest commitment, and nobody is paid for handing in a global step again.
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
  for (const { lead, members } of clusters)
    for (const member of members)
      if (member !== lead)
        repeats.set(
          member as Address,
          `a near copy of ${lead}'s earlier update (cosine from ${threshold.toFixed(3)})`,
        )
  return repeats
}
