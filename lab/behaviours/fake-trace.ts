import type { TrainingWork } from '@assay/contributor/behaviour.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { seededRng } from '../rng.ts'

/** A state whose every value is made from the values of two others, rounded to float32. */
export function combine(a: State, b: State, value: (a: number, b: number) => number): State {
  return new Map([...a].map(([name, data]) => [name, data.map((x, i) => value(x, b.get(name)![i]!))]))
}

/** A state plus normal noise, always the same for one seed, round and contributor. */
export function noisy(
  state: State,
  { seed, sigma, work }: { seed: Hash; sigma: number; work: Pick<TrainingWork, 'round' | 'contributor'> },
): State {
  const rng = seededRng(seed, `noise of ${work.contributor} in round ${work.round}`)
  return new Map([...state].map(([name, data]) => [name, data.map((value) => value + sigma * rng.normal())]))
}

/**
 * The trace of somebody who never trained: a straight line from the base to the update. It costs nothing to make, fits its update
 * and its root, and fails every replay.
 *
 * @param windows W; the trace has W + 1 states
 */
export function straightTrace(base: State, final: State, windows: number): State[] {
  return Array.from({ length: windows + 1 }, (_, i) => {
    if (i === windows) return final
    return i === 0 ? base : combine(base, final, (from, to) => from + ((to - from) * i) / windows)
  })
}

/** An honest trace with another end: all windows but the last pass a replay. No trace of a false update can do better. */
export function traceWithOtherEnd(honest: readonly State[], final: State): State[] {
  return [...honest.slice(0, -1), final]
}

/**
 * The trace of somebody who stopped training: from its last window on, each state goes as far as the one before it did. It looks like
 * training that slows nowhere, and no window of it passes a replay.
 *
 * @param trained the states that were trained, two at least
 * @param windows W; the trace has W + 1 states
 */
export function goneOn(trained: readonly State[], windows: number): State[] {
  const trace = [...trained]
  while (trace.length <= windows) {
    const [before, last] = trace.slice(-2) as [State, State]
    trace.push(combine(last, before, (now, then) => now + (now - then)))
  }
  return trace
}
