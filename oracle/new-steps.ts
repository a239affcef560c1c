import type { Hash } from '@assay/sdk/protocol/random.ts'

/** Number of global steps that updates are compared to. */
const REMEMBERED_STEPS = 5

/**
 * Which of the last five rounds made a step: a round without a majority, or a verdict that brings back a model, makes none.
 *
 * @param bases hashes of the base models of all rounds so far, in order
 * @returns places of the bases before and after each step, oldest first
 */
export function newSteps(bases: readonly Hash[]): [before: number, after: number][] {
  const steps: [number, number][] = []
  for (let i = Math.max(1, bases.length - REMEMBERED_STEPS); i < bases.length; i++)
    if (bases.indexOf(bases[i]!) === i) steps.push([i - 1, i])
  return steps
}

/** Models that these steps lead from and to. */
export const MODELS_OF_STEPS = REMEMBERED_STEPS + 1
