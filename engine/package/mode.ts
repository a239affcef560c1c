/** How exactly training must be what the pinned engine computes: task.json's `mode`. */

/**
 * `exact`: a window trained again ends in the committed state, bit for bit, and a false step can be taken to court. Tolerant: it ends
 * near it, so that contributors may train with other runtimes and on other processors; a window that doesn't costs pay, and never
 * stake.
 */
export type Mode = 'exact' | Tolerance

export type Tolerance = {
  kind: 'tolerant'
  /** Largest relative L2 distance of a window's change from its replay's, in parts per million: see engine/run/tolerance.ts. */
  relativeL2Ppm: number
  /** Compute units that a step counts for, in ten-thousandths of those of an exact task: less is proven of it. */
  tolerantBps: number
}

/** Parts per million in a whole. */
export const MILLION = 1_000_000
export const WHOLE_BPS = 10_000
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
