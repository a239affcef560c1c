/** What a task's graphs take and give, as task.json fixes it. */
import type { GraphSignature } from './graph-check.ts'
import type { TaskSpec } from './task-spec.ts'

type Shapes = Pick<TaskSpec, 'state' | 'input' | 'target' | 'batchSize' | 'evalBatchSize'>

/** step.onnx: state, x, y (one-hot), lr → `<tensor>_next` for each state tensor, loss. */
export function stepSignature({ state, input, target, batchSize }: Shapes): GraphSignature {
  return {
    inputs: [
      ...state,
      { name: 'x', shape: [batchSize, ...input.shape] },
      { name: 'y', shape: [batchSize, target.classes] },
      { name: 'lr', shape: [] },
    ],
    outputs: [
      ...state.map(({ name, shape }) => ({ name: `${name}_next`, shape })),
      { name: 'loss', shape: [] },
    ],
  }
}

/** eval.onnx: state, x, y (one-hot) → losses and correct (0 or 1), one a row. */
export function evalSignature({ state, input, target, evalBatchSize }: Shapes): GraphSignature {
  return {
    inputs: [
      ...state,
      { name: 'x', shape: [evalBatchSize, ...input.shape] },
      { name: 'y', shape: [evalBatchSize, target.classes] },
    ],
    outputs: [
      { name: 'losses', shape: [evalBatchSize] },
      { name: 'correct', shape: [evalBatchSize] },
    ],
  }
}
