/** How exactly training must be what the pinned engine computes: task.json's `mode`. */
import { z } from 'zod4'

/** Parts per million in a whole. */
export const MILLION = 1_000_000
const WHOLE_BPS = 10_000
/** A window may differ from its replay by no more than a quarter of what it changes. */
const MOST_RELATIVE_L2_PPM = MILLION / 4

/**
 * `exact`: a window trained again ends in the committed state, bit for bit, and a false step can be taken to court. Tolerant: it ends
 * near it, so that contributors may train with other runtimes and on other processors; a window that doesn't is not paid, and
 * nothing else.
 */
export const mode = z.union([
  z.literal('exact'),
  z.strictObject({
    kind: z.literal('tolerant'),
    /** Largest relative L2 distance of a window's change from its replay's, in parts per million: see tolerance.ts. */
    relativeL2Ppm: z.int().min(1).max(MOST_RELATIVE_L2_PPM),
    /** Compute units that a step counts for, in ten-thousandths of those of an exact task: less is proven of it. */
    tolerantBps: z
      .int()
      .min(1)
      .max(WHOLE_BPS - 1),
  }),
])

export type Mode = z.infer<typeof mode>
export type Tolerance = Exclude<Mode, 'exact'>

/** What a task accepts that says nothing else: measured in benchmarks/tolerance.ts. */
export const DEFAULT_TOLERANCE: Tolerance = { kind: 'tolerant', relativeL2Ppm: 20_000, tolerantBps: 8_000 }

/** What a tolerant task accepts; undefined for an exact one. */
export function toleranceOf({ mode }: { mode: Mode }): Tolerance | undefined {
  return mode === 'exact' ? undefined : mode
}

/** Compute units of a round: all its steps, at what the task's mode makes them count for. At least 1. */
export function computeUnits(spec: { mode: Mode; steps: number; unitsPerStep: number }): number {
  const { steps, unitsPerStep } = spec
  const shareBps = toleranceOf(spec)?.tolerantBps ?? WHOLE_BPS
  const units = (BigInt(steps) * BigInt(unitsPerStep) * BigInt(shareBps)) / BigInt(WHOLE_BPS)
  return Math.max(1, Number(units))
}
