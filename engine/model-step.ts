import type { Dataset } from './data.ts'
import { evaluateDataset } from './evaluate.ts'
import type { Engine } from './runner.ts'
import type { State } from './state.ts'

/** Shares of the agreed step that the next model may take. All are powers of two: halving loses no bit. */
export const STEP_SHARES = [1, 0.5, 0.25] as const

/**
 * The base model moved by a share of the way to `full`: base + share · (full − base), tensor by tensor, in doubles rounded once to float32.
 * The whole way is `full` itself.
 */
export function partOfStep(base: State, full: State, share: number): State {
  if (share === 1) return full
  return new Map(
    [...full].map(([name, end]) => {
      const start = base.get(name)!
      return [name, end.map((value, k) => start[k]! + share * (value - start[k]!))] as const
    }),
  )
}

/**
 * The step that a backtracking line search takes: of {@link STEP_SHARES} the one with the smallest mean loss on the held-out pool, the larger of
 * two equal ones. Weights that follow one round's scores overshoot now and then; a shorter step the same way does not.
 *
 * @returns `full` when no share has a finite loss
 */
export async function bestStep(options: {
  engine: Engine
  holdout: Dataset
  base: State
  full: State
}): Promise<State> {
  const { engine, holdout: data, base, full } = options
  let best = full
  let smallest = Number.POSITIVE_INFINITY
  for (const share of STEP_SHARES) {
    const state = partOfStep(base, full, share)
    const { meanLoss } = await evaluateDataset({ engine, state, data })
    if (meanLoss < smallest) [best, smallest] = [state, meanLoss]
  }
  return best
}
