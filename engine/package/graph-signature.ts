/** What a task's graphs take and give, as task.json fixes it. */
import type { GraphPort, GraphSignature } from './graph-check.ts'
import { targetPort } from './sample-spec.ts'
import type { TaskSpec } from './task-spec.ts'

type Shapes = Pick<TaskSpec, 'state' | 'inputs' | 'target' | 'batchSize' | 'evalBatchSize' | 'noise'>

/** step.onnx: state, inputs, y (a class as a one-hot row), lr, random inputs → `<tensor>_next` for each state tensor, loss. */
export function stepSignature({ state, batchSize, noise, ...sample }: Shapes): GraphSignature {
  return {
    inputs: [
      ...state.map(({ name, shape }) => ({ name, shape })),
      ...batchPorts(sample, batchSize),
      { name: 'lr', shape: [] },
      ...noise.map(({ name, shape }) => ({ name, shape })),
    ],
    outputs: [
      ...state.map(({ name, shape }) => ({ name: `${name}_next`, shape })),
      { name: 'loss', shape: [] },
    ],
  }
}

/** eval.onnx: the state's model tensors, inputs, y → losses and metrics, one a row. */
export function evalSignature({ state, evalBatchSize, ...sample }: Shapes): GraphSignature {
  return {
    inputs: [
      ...state.filter(({ role }) => role === 'model').map(({ name, shape }) => ({ name, shape })),
      ...batchPorts(sample, evalBatchSize),
    ],
    outputs: [
      { name: 'losses', shape: [evalBatchSize] },
      { name: 'metrics', shape: [evalBatchSize] },
    ],
  }
}

/** A batch of so many rows: the inputs in task.json's order, then the targets. */
export function batchPorts(
  { inputs, target }: Pick<TaskSpec, 'inputs' | 'target'>,
  rows: number,
): GraphPort[] {
  return [...inputs, { name: 'y', ...targetPort(target) }].map(({ name, dtype, shape }) => ({
    name,
    dtype,
    shape: [rows, ...shape],
  }))
}
