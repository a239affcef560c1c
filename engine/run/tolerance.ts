/**
 * How near a window's committed end is to its replay's, for tasks that don't ask for the same bits.
 *
 *     e      committed − replayed, each value less what float32 may round in the window's additions on both sides:
 *            2 · steps · 2⁻²⁴ of the larger of the value before and the replayed one
 *     u      replayed − before
 *     near   ‖e‖² ≤ relativeL2² · ‖u‖², in each group of tensors
 *
 * Groups are: all tensors of the model; the local tensors whose names begin alike, up to the first full stop (mean.*, square.*,
 * velocity.*). A tensor by itself may be all noise, such as a bias that nothing depends on; together with its like it is not. Local
 * tensors count because the next window starts from them. Sums are of float64 in task.json's order, without a root: a verdict is
 * the same on each machine.
 */
import { MILLION, type Tolerance } from '../package/mode.ts'
import type { State } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'

/** Two ends of a window, and the state before it. A replay may hold values that aren't finite. */
export type WindowEnds = { before: State; committed: State; replayed: State }

/** Squared lengths of a group's difference and of its change. */
type GroupDistance = { group: string; squaredError: number; squaredChange: number }

/** The name of the group that the tensors of the model are. */
const MODEL = 'the model'
/** Of one addition in float32: half of what follows the last bit. */
const HALF_ULP = 2 ** -24

/** @returns why a window's committed end is too far from its replay; undefined if it isn't */
export function farFrom(
  spec: Pick<TaskSpec, 'state' | 'commitEvery'>,
  ends: WindowEnds,
  { relativeL2Ppm }: Tolerance,
): string | undefined {
  const share = relativeL2Ppm / MILLION
  const far = groupDistances(spec, ends).find(
    // What isn't a number is far, too.
    ({ squaredError, squaredChange }) => !(squaredError <= share * share * squaredChange),
  )
  if (far === undefined) return undefined
  const found = Math.round(MILLION * relativeL2(far))
  return `${far.group} differs by ${found} millionths of what the window changes, the task accepts ${relativeL2Ppm}`
}

/** Largest relative L2 distance of all groups; 0 where nothing changes and nothing differs. */
export function windowDistance(spec: Pick<TaskSpec, 'state' | 'commitEvery'>, ends: WindowEnds): number {
  return Math.max(...groupDistances(spec, ends).map(relativeL2))
}

function relativeL2({ squaredError, squaredChange }: GroupDistance): number {
  return squaredError === 0 ? 0 : Math.sqrt(squaredError / squaredChange)
}

function groupDistances(
  { state, commitEvery }: Pick<TaskSpec, 'state' | 'commitEvery'>,
  { before, committed, replayed }: WindowEnds,
): GroupDistance[] {
  const groups = new Map<string, GroupDistance>()
  for (const { name, role } of state) {
    const group = role === 'model' ? MODEL : `the local ${name.split('.')[0]}`
    const sum = groups.get(group) ?? { group, squaredError: 0, squaredChange: 0 }
    groups.set(group, sum)
    addTensor(sum, [before.get(name)!, committed.get(name)!, replayed.get(name)!], 2 * commitEvery * HALF_ULP)
  }
  return [...groups.values()]
}

function addTensor(
  sum: GroupDistance,
  [before, committed, replayed]: [Float32Array, Float32Array, Float32Array],
  rounding: number,
): void {
  for (let i = 0; i < before.length; i++) {
    const [from, to] = [before[i]!, replayed[i]!]
    const differs = Math.abs(committed[i]! - to)
    const error = Math.max(0, differs - rounding * Math.max(Math.abs(from), Math.abs(to)))
    sum.squaredError += error * error
    sum.squaredChange += (to - from) * (to - from)
  }
}
