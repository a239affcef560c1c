/** A task whose state is one large tensor, for what is measured near the limit. */
import { encodeGraph, floatConstant, intsConstant, node } from '@assay/engine/author/onnx-author.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { evalSignature, stepSignature } from '@assay/engine/package/graph-signature.ts'
import { ACCURACY } from '@assay/engine/package/sample-spec.ts'
import type { TaskContents, TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'

export const SEED: Hash = `0x${'5e'.repeat(32)}`
const COLUMNS = 4096
const BATCH = 4
const SAMPLES = 16
const STEPS_A_WINDOW = 2

/**
 * The package and a contributor's samples. The same number of values gives the same bytes.
 *
 * @param values of the state, rounded down to whole rows of 4,096
 * @param windows of a round, of two steps each
 */
export async function largeTask(
  values: number,
  windows: number,
): Promise<{ task: TaskPackage; data: Dataset }> {
  const rows = Math.floor(values / COLUMNS)
  const { taskJson, files } = await createTask(contentsOf(rows, windows))
  return { task: await assembleTaskPackage(taskJson, files), data: samplesOf(rows) }
}

/** Makes x · w small, by plain SGD. */
function contentsOf(features: number, windows: number): TaskContents {
  const spec: TaskContents['spec'] = {
    name: 'large',
    state: [{ name: 'w', shape: [features, COLUMNS], role: 'model' }],
    stateChunkBytes: 4096,
    inputs: [{ name: 'x', dtype: 'float32', shape: [features] }],
    target: { kind: 'class', classes: 2 },
    strata: { by: 'class' },
    loss: { name: 'square' },
    metric: ACCURACY,
    batchSize: BATCH,
    evalBatchSize: BATCH,
    steps: STEPS_A_WINDOW * windows,
    commitEvery: STEPS_A_WINDOW,
    schedule: { kind: 'constant', rate: '0.001' },
    noise: [],
    replayWindows: windows,
    unitsPerStep: 1,
    personalSamples: BATCH,
    rootSteps: 2,
  }
  const product = [node('MatMul', ['x', 'w'], 'z'), node('Mul', ['z', 'z'], 'squares')]
  const axis = intsConstant('axis', [1n])
  return {
    spec,
    stepGraph: encodeGraph(
      'step',
      stepSignature(spec),
      [
        ...product,
        node('ReduceMean', ['squares'], 'loss', { keepdims: 0n }),
        node('Mul', ['z', 'lr'], 'scaled'),
        node('Div', ['scaled', 'rows'], 'gradient'),
        node('Gemm', ['x', 'gradient', 'w'], 'w_next', { transA: 1n, alpha: -1 }),
      ],
      [floatConstant('rows', BATCH)],
    ),
    evalGraph: encodeGraph(
      'eval',
      evalSignature(spec),
      [
        ...product,
        node('ReduceSum', ['squares', 'axis'], 'losses', { keepdims: 0n }),
        node('Identity', ['losses'], 'metrics'),
      ],
      [axis],
    ),
    init: new Map([['w', Float32Array.from({ length: features * COLUMNS }, (_, i) => fraction(i) / 64)]]),
    pool: { samples: samplesOf(features), saltSeed: SEED },
  }
}

function samplesOf(features: number): Dataset {
  const x = Float32Array.from({ length: SAMPLES * features }, (_, i) => fraction(i + 7))
  return { inputs: { x }, y: Int32Array.from({ length: SAMPLES }, (_, i) => i % 2), n: SAMPLES }
}

/** Scattered values from −1 to 1: a draw for each of millions would take minutes. */
function fraction(i: number): number {
  return (Math.imul(i + 1, 0x9e3779b1) >> 8) / 2 ** 23
}
