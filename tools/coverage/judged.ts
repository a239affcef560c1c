import type { Branch } from './branches.ts'
import type { Explained } from './explained.ts'

/**
 * Compares what was taken with what is explained.
 *
 * @param branches all of them; the first has number 1
 * @param isTaken whether the branch with a number was taken
 * @param explained those that can't be taken
 * @returns branches that are neither, explanations without a branch that is never taken, and the number of branches explained
 */
export function judged(
  branches: readonly Branch[],
  isTaken: (number: number) => boolean,
  explained: readonly Explained[],
): { missing: Branch[]; needless: Explained[]; explained: number } {
  const never = branches.filter((_, i) => !isTaken(i + 1))
  const isOf = (branch: Branch, { file, where, way }: Explained) =>
    branch.file === file && branch.where === where && branch.way === way
  const missing = never.filter((branch) => !explained.some((one) => isOf(branch, one)))
  const needless = explained.filter((one) => !never.some((branch) => isOf(branch, one)))
  return { missing, needless, explained: never.length - missing.length }
}
