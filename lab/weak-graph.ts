/**
 * An evaluation graph with a weak spot: one weight that honest training never changes, and a lookup that fails on every
 * machine once the weight is larger than it was at the start. No check of the package finds it: the initial model, real
 * samples and extreme weights pass.
 */
import { appendNodes } from '@assay/engine/author/append-nodes.ts'
import { floatConstant, intsConstant, node } from '@assay/engine/author/onnx-author.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskContents } from '@assay/engine/package/task-contents.ts'

/** The first layer's weights: row 0 belongs to the corner pixel, which is dark in all digits, so that it has no gradient. */
const TENSOR = 'w0'
/** More than the initial weight by this is enough: a twentieth of an update is tried when it is scored. */
const LEAST_EXCESS = 1e-3
/** Absurd weights pass, so that nobody who tries extreme ones finds the spot. */
const MOST_EXCESS = 1e6

/** The column of the weak weight: the largest of row 0, so that weights of 0 lie below it. */
function weakColumn(init: State, columns: number): number {
  const row = init.get(TENSOR)!.subarray(0, columns)
  return row.indexOf(Math.max(...row))
}

/** The digits task, with a weak spot in its evaluation graph. */
export function withWeakSpot(contents: TaskContents): TaskContents {
  const { spec, init } = contents
  const column = weakColumn(init, columnsOf(spec))
  const nodes = [
    node('Gather', [TENSOR, 'weak_row'], 'weak_weights', { axis: 0n }),
    node('Gather', ['weak_weights', 'weak_column'], 'weak_weight', { axis: 1n }),
    node('Sub', ['weak_weight', 'weak_start'], 'excess'),
    node('Greater', ['excess', 'least_excess'], 'is_more'),
    node('Less', ['excess', 'most_excess'], 'is_likely'),
    node('And', ['is_more', 'is_likely'], 'is_hit'),
    node('Where', ['is_hit', 'far', 'weak_row'], 'place'),
    node('Gather', ['nothing', 'place'], 'picked'),
    node('ReduceSum', ['picked'], 'added', { keepdims: 0n }),
    node('Add', ['before', 'added'], 'after'),
  ]
  const constants = [
    intsConstant('weak_row', [0n]),
    intsConstant('weak_column', [BigInt(column)]),
    intsConstant('far', [1_000_000n]),
    floatConstant('weak_start', init.get(TENSOR)![column]!),
    floatConstant('least_excess', LEAST_EXCESS),
    floatConstant('most_excess', MOST_EXCESS),
    { ...floatConstant('nothing', 0), dims: [2n], floatData: [0, 0] },
  ]
  return { ...contents, evalGraph: appendNodes(contents.evalGraph, 'losses', { nodes, constants }) }
}

/** The state after an update that hits the weak spot, and else is `final`. */
export function hitWeakSpot(final: State, task: Pick<TaskContents, 'spec' | 'init'>): State {
  const weights = final.get(TENSOR)!.slice()
  weights[weakColumn(task.init, columnsOf(task.spec))]! += 1
  return new Map([...final]).set(TENSOR, weights)
}

function columnsOf({ state }: Pick<TaskContents['spec'], 'state'>): number {
  return state.find(({ name }) => name === TENSOR)!.shape[1]!
}
