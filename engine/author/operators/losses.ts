/** Losses, one a row. Their means are what training lowers. */
import { emit, linked, scalar, sizeOf, type Tensor } from '../tape/tape.ts'
import { exp, softplus } from './activations.ts'
import { mul, negate, scale, sub } from './arithmetic.ts'
import { reduceMean, reduceSum } from './reduce.ts'
import { expand, reshape } from './shapes.ts'
import { logSoftmax } from './softmax.ts'

/**
 * Cross-entropy of softmax with labels: −Σ y log p. The gradient of the scores is p − y.
 *
 * @param scores [rows, classes]
 * @param labels [rows, classes], a 1 in each row
 */
export function classLosses(scores: Tensor, labels: Tensor): Tensor {
  const logs = logSoftmax(scores)
  const along = (g: Tensor) => mul(sub(exp(logs), labels), column(g))
  return linked(negate(reduceSum(mul(labels, logs), [1])), [{ to: scores, gradient: along }])
}

/**
 * Cross-entropy of softmax with the numbers of the right classes, which are looked up: one-hot rows of a large vocabulary
 * would take longer than all the rest.
 *
 * @param scores [rows, vocabulary]
 * @param ids int64 [rows], 0 ≤ id < vocabulary
 */
export function tokenLosses(scores: Tensor, ids: Tensor): Tensor {
  const [rows] = scores.shape
  const logs = logSoftmax(scores)
  const places = reshape(ids, [rows!, 1])
  const right = emit('GatherElements', [logs, places], { shape: [rows!, 1] }, { axis: 1n })
  const along = (g: Tensor) => {
    const less = mul(expand(scalar(scores.tape, -1), [rows!, 1]), column(g))
    const spread = mul(exp(logs), column(g))
    const attributes = { axis: 1n, reduction: 'add' }
    return emit('ScatterElements', [spread, places, less], { shape: scores.shape }, attributes)
  }
  return linked(reshape(negate(right), [rows!]), [{ to: scores, gradient: along }])
}

/** Mean of squared differences. @param outputs [rows, count] @param targets [rows, count] */
export function squaredLosses(outputs: Tensor, targets: Tensor): Tensor {
  const difference = sub(outputs, targets)
  const along = (g: Tensor) => mul(difference, column(scale(g, 2 / outputs.shape[1]!)))
  return linked(reduceMean(mul(difference, difference), [1]), [{ to: outputs, gradient: along }])
}

/**
 * Mean of the binary cross-entropies of independent labels: softplus(z) − z y. The gradient of z is sigmoid(z) − y.
 *
 * @param scores [rows, count]
 * @param labels [rows, count], 0 or 1
 */
export function labelLosses(scores: Tensor, labels: Tensor): Tensor {
  return reduceMean(sub(softplus(scores), mul(scores, labels)), [1])
}

/** A number a row beside the row's values: [rows] as [rows, 1]; where all rows have the same, that number alone. */
function column(rows: Tensor): Tensor {
  const maker = rows.tape.makers.get(rows)
  const [repeated] = maker?.operator === 'Expand' ? maker.inputs : []
  if (repeated !== undefined && sizeOf(repeated) === 1) return reshape(repeated, [])
  return reshape(rows, [rows.shape[0]!, 1])
}
