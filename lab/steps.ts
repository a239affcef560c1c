/** Updates as flat steps from the base, which attacks and rules compute with. */
import { modelOf } from '@assay/engine/package/model.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { unflatten } from '@assay/engine/run/update.ts'

export type Vector = Float32Array

/** The state that a step from the base leads to. Local tensors stay as they are. */
export function stateAfter(spec: TaskSpec, base: State, step: Vector): State {
  const state: State = new Map(base)
  for (const [name, part] of unflatten(spec, step)) {
    const before = modelOf(spec, base).get(name)!
    state.set(
      name,
      part.map((value, i) => before[i]! + value),
    )
  }
  return state
}

export function meanOf(vectors: readonly Vector[]): Vector {
  return vectors[0]!.map((_, k) => vectors.reduce((sum, vector) => sum + vector[k]!, 0) / vectors.length)
}

/** Standard deviation of each coordinate. */
export function deviationOf(vectors: readonly Vector[], mean: Vector): Vector {
  return mean.map((centre, k) =>
    Math.sqrt(vectors.reduce((sum, vector) => sum + (vector[k]! - centre) ** 2, 0) / vectors.length),
  )
}

/** a + factor · b. */
export function plus(a: Vector, b: Vector, factor: number): Vector {
  return a.map((value, k) => value + factor * b[k]!)
}

export function squaredDistance(a: Vector, b: Vector): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2
  return sum
}
