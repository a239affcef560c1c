import { type TaskSpec, windowCount } from '@assay/engine/package/task-spec.ts'
import { contributorShares, type TimeShare, validatorShares } from '@assay/engine/run/time-shares.ts'
import type { Trial } from '@assay/engine/run/trial.ts'

/** Windows that an audit of a round draws at most. */
export function replayWindowsOf(spec: TaskSpec): number {
  return Math.min(spec.replayWindows, windowCount(spec))
}

/** What contributors and validators have to do in a round of these terms. */
export function sharesOf(
  spec: TaskSpec,
  terms: Parameters<typeof validatorShares>[1],
  { real, slowest }: Trial,
): TimeShare[] {
  return [...contributorShares(spec, terms, real), ...validatorShares(spec, terms, slowest)]
}
