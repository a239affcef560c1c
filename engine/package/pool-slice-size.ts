/** How much of a task's held-out pool one round judges by. */
import { strataCount } from './sample-spec.ts'
import type { TaskSpec } from './task-spec.ts'

export const SLICE = {
  /** Personal samples that a pool must hold to be sliced. */
  leastPool: 4,
  /** Personal samples that a slice holds. */
  personalSamples: 2,
  /** Fewest samples of a stratum, if it has them: as many as rarity judges by. */
  fewestOfStratum: 8,
} as const

/** The most samples that a round can judge by. */
export function mostSliceSamples({
  pool: { samples },
  personalSamples,
  ...spec
}: Pick<TaskSpec, 'pool' | 'personalSamples' | 'strata' | 'target'>): number {
  if (samples < SLICE.leastPool * personalSamples) return samples
  return Math.min(
    samples,
    SLICE.personalSamples * personalSamples + SLICE.fewestOfStratum * strataCount(spec),
  )
}
