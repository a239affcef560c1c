/** What a target makes of a model's scores: losses to lower, a metric for people, and predictions. */

import { ACCURACY, type Metric, type Target } from '../../package/sample-spec.ts'
import { abs, sigmoid } from '../operators/activations.ts'
import { sub } from '../operators/arithmetic.ts'
import { classLosses, labelLosses, squaredLosses, tokenLosses } from '../operators/losses.ts'
import { reduceMean } from '../operators/reduce.ts'
import { reshape } from '../operators/shapes.ts'
import { softmax } from '../operators/softmax.ts'
import { emit, input, scalar, type Tensor } from '../tape/tape.ts'
import type { Draft, Scores } from './draft.ts'

type Readout = {
  loss: { name: string }
  metric: Metric
  /** The target's input of the graph. */
  targets: (draft: Draft) => Tensor
  /** One a sample: [rows]. */
  losses: (scores: Tensor, targets: Tensor) => Tensor
  /** One a sample: [rows]. */
  metrics: (scores: Tensor, targets: Tensor, losses: Tensor) => Tensor
  predictions: (scores: Tensor) => Tensor
}

/**
 * Scores that a model gives a sample, or a place of it for tokens. Values begin at 0, which is their mean where they are
 * scaled: a start far from it would hide in its noise what training teaches, and a small held-out pool could judge nobody.
 */
export function scoresOf(target: Target): Scores {
  const begin: Scores['begin'] = target.kind === 'values' ? () => ({ value: 0 }) : (usual) => usual
  return { count: countOf(target), begin }
}

function countOf(target: Target): number {
  switch (target.kind) {
    case 'class':
      return target.classes
    case 'tokens':
      return target.vocabulary
    default:
      return target.count
  }
}

export function readoutOf(target: Target): Readout {
  switch (target.kind) {
    case 'class':
      return { ...ofClass, targets: numbers(target.classes) }
    case 'values':
      return { ...ofValues, targets: numbers(target.count) }
    case 'labels':
      return { ...ofLabels, targets: numbers(target.count) }
    case 'tokens':
      return ofTokens(target)
  }
}

const numbers = (count: number) => (draft: Draft) => input(draft.tape, 'y', [draft.rows, count])

const ofClass: Omit<Readout, 'targets'> = {
  loss: { name: 'cross-entropy' },
  metric: ACCURACY,
  losses: classLosses,
  metrics: (scores, targets) => asNumber(compared('Equal', largest(scores), largest(targets))),
  predictions: softmax,
}

const ofValues: Omit<Readout, 'targets'> = {
  loss: { name: 'mean squared error' },
  metric: { name: 'mean absolute error', unit: '', direction: 'lower', of: 'mean' },
  losses: squaredLosses,
  metrics: (scores, targets) => reduceMean(abs(sub(scores, targets)), [1]),
  predictions: (scores) => scores,
}

const ofLabels: Omit<Readout, 'targets'> = {
  loss: { name: 'binary cross-entropy' },
  metric: { name: 'label accuracy', unit: 'share', direction: 'higher', of: 'mean' },
  losses: labelLosses,
  metrics: (scores, targets) => {
    const said = compared('Greater', scores, scalar(scores.tape, 0))
    const right = compared('Greater', targets, scalar(scores.tape, 0.5))
    return reduceMean(asNumber(compared('Equal', said, right)), [1])
  },
  predictions: sigmoid,
}

function ofTokens({ length, vocabulary }: Extract<Target, { kind: 'tokens' }>): Readout {
  const rowsOf = (scores: Tensor) => scores.shape[0]! / length
  return {
    loss: { name: 'cross-entropy' },
    metric: { name: 'perplexity', unit: '', direction: 'lower', of: 'exp-mean' },
    targets: ({ tape, rows }) => input(tape, 'y', [rows, length], 'int64'),
    losses: (scores, targets) => {
      const losses = tokenLosses(scores, reshape(targets, [scores.shape[0]!]))
      return reduceMean(reshape(losses, [rowsOf(scores), length]), [1])
    },
    metrics: (_scores, _targets, losses) => losses,
    predictions: (scores) => reshape(softmax(scores), [rowsOf(scores), length, vocabulary]),
  }
}

/** Place of the largest in each row. */
function largest(x: Tensor): Tensor {
  return emit('ArgMax', [x], { shape: x.shape.slice(0, 1), type: 'int64' }, { axis: 1n, keepdims: 0n })
}

function compared(operator: 'Equal' | 'Greater', a: Tensor, b: Tensor): Tensor {
  return emit(operator, [a, b], { shape: a.shape, type: 'bool' })
}

/** 1 for true, 0 for false. */
function asNumber(x: Tensor): Tensor {
  return emit('Cast', [x], { shape: x.shape }, { to: 1n })
}
