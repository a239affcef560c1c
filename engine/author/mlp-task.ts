/**
 * Task packages for multilayer perceptrons and logistic regression: forward pass, backward pass and SGD written out as
 * ordinary ONNX operators.
 *
 *     h₀ = x,  zᵢ = hᵢ Wᵢ + bᵢ,  hᵢ₊₁ = max(0, zᵢ),  p = softmax(z_L),  loss = mean over rows of −Σ y log p
 *     g_L = (lr / rows) (p − y),   gᵢ₋₁ = (gᵢ Wᵢᵀ) where zᵢ₋₁ > 0,   Wᵢ ← Wᵢ − hᵢᵀ gᵢ,   bᵢ ← bᵢ − Σ rows of gᵢ
 *
 * The learning rate enters with the first gradient, so that each weight update is one Gemm with α = −1, β = 1.
 */
import { drawIndices } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../hash.ts'
import { evalSignature, stepSignature } from '../package/graph-signature.ts'
import type { Pool } from '../package/pool.ts'
import { ACCURACY, type Grid } from '../package/sample-spec.ts'
import type { State } from '../package/state.ts'
import type { TaskContents } from '../package/task-contents.ts'
import { stateChunkBytesFor } from '../package/task-spec.ts'
import { deriveTensorSeed } from '../run/seeds.ts'
import { encodeGraph, floatConstant, type GraphNode, intsConstant, node } from './onnx-author.ts'

export type LogisticTaskOptions = {
  name: string
  inputSize: number
  /** How the inputs lie in space, if they do: then the oracles find shifted copies of the pool's samples, too. */
  grid?: Grid
  classes: number
  batchSize: number
  evalBatchSize: number
  /** Training steps of one round. */
  steps: number
  commitEvery: number
  /** Of every step; decimal text, for instance "0.1". */
  learningRate: string
  unitsPerStep: number
  personalSamples: number
  rootSteps: number
  /** Most windows replayed in one audit; default 6. */
  replayWindows?: number
  pool: Pool
  /** Seeds the initial weights. */
  seed: Hash
}

export type MlpTaskOptions = LogisticTaskOptions & {
  /** Widths of the hidden layers, first to last. */
  hidden: readonly number[]
}

type Layer = { weight: string; bias: string; inputs: number; outputs: number }

/** Fractions are drawn as whole numbers below 2^24, which float32 holds exactly. */
const FRACTION_STEPS = 2 ** 24
const DEFAULT_REPLAY_WINDOWS = 6

/** Contents of a task that trains a multilayer perceptron with ReLU by plain SGD. */
export function buildMlpTask(options: MlpTaskOptions): TaskContents {
  const { hidden, inputSize, classes, seed, pool } = options
  const layers = layersOf([inputSize, ...hidden, classes])
  const state: TaskContents['spec']['state'] = layers.flatMap(({ weight, bias, inputs, outputs }) => [
    { name: weight, shape: [inputs, outputs], role: 'model' },
    { name: bias, shape: [outputs], role: 'model' },
  ])
  const spec: TaskContents['spec'] = {
    name: options.name,
    state,
    stateChunkBytes: stateChunkBytesFor(state),
    inputs: [
      { name: 'x', dtype: 'float32', shape: [inputSize], ...(options.grid && { grid: options.grid }) },
    ],
    target: { kind: 'class', classes },
    strata: { by: 'class' },
    loss: { name: 'cross-entropy' },
    metric: ACCURACY,
    batchSize: options.batchSize,
    evalBatchSize: options.evalBatchSize,
    steps: options.steps,
    commitEvery: options.commitEvery,
    schedule: { kind: 'constant', rate: options.learningRate },
    noise: [],
    replayWindows: options.replayWindows ?? DEFAULT_REPLAY_WINDOWS,
    unitsPerStep: options.unitsPerStep,
    personalSamples: options.personalSamples,
    rootSteps: options.rootSteps,
  }
  return {
    spec,
    stepGraph: encodeGraph('step', stepSignature(spec), stepNodes(layers), [
      floatConstant('rows', options.batchSize),
      floatConstant('zero', 0),
      intsConstant('row_axis', [0n]),
    ]),
    evalGraph: encodeGraph('eval', evalSignature(spec), evalNodes(layers), [
      intsConstant('class_axis', [1n]),
    ]),
    init: initialState(layers, seed),
    pool,
  }
}

/** Contents of a task that trains multinomial logistic regression: an MLP without hidden layers. */
export function buildLogisticTask(options: LogisticTaskOptions): TaskContents {
  return buildMlpTask({ ...options, hidden: [] })
}

function layersOf(widths: readonly number[]): Layer[] {
  return widths.slice(1).map((outputs, i) => ({
    weight: `w${i}`,
    bias: `b${i}`,
    inputs: widths[i]!,
    outputs,
  }))
}

/** h₀ … h_{L−1} are named x, h1, …; z₀ … z_{L−1} are z0, …. */
function forwardNodes(layers: Layer[]): GraphNode[] {
  return layers.flatMap(({ weight, bias }, i) => {
    const product = node('Gemm', [activation(i), weight, bias], `z${i}`)
    return i === layers.length - 1 ? [product] : [product, node('Relu', [`z${i}`], activation(i + 1))]
  })
}

function stepNodes(layers: Layer[]): GraphNode[] {
  const last = layers.length - 1
  const nodes = [
    ...forwardNodes(layers),
    node('LogSoftmax', [`z${last}`], 'log_p', { axis: 1n }),
    node('Mul', ['y', 'log_p'], 'y_log_p'),
    node('ReduceSum', ['y_log_p'], 'sum_log_p', { keepdims: 0n }),
    node('Div', ['sum_log_p', 'rows'], 'mean_log_p'),
    node('Neg', ['mean_log_p'], 'loss'),
    node('Exp', ['log_p'], 'p'),
    node('Sub', ['p', 'y'], 'p_minus_y'),
    node('Div', ['lr', 'rows'], 'row_rate'),
    node('Mul', ['p_minus_y', 'row_rate'], `g${last}`),
  ]
  for (let i = last; i >= 0; i--) nodes.push(...backwardNodes(layers[i]!, i))
  return nodes
}

function backwardNodes({ weight, bias }: Layer, i: number): GraphNode[] {
  const update = [
    node('Gemm', [activation(i), `g${i}`, weight], `${weight}_next`, { transA: 1n, alpha: -1, beta: 1 }),
    node('ReduceSum', [`g${i}`, 'row_axis'], `g${i}_rows`, { keepdims: 0n }),
    node('Sub', [bias, `g${i}_rows`], `${bias}_next`),
  ]
  if (i === 0) return update
  return [
    ...update,
    node('Gemm', [`g${i}`, weight], `g${i}_back`, { transB: 1n }),
    node('Greater', [`z${i - 1}`, 'zero'], `z${i - 1}_open`),
    node('Where', [`z${i - 1}_open`, `g${i}_back`, 'zero'], `g${i - 1}`),
  ]
}

function evalNodes(layers: Layer[]): GraphNode[] {
  const last = layers.length - 1
  return [
    ...forwardNodes(layers),
    node('LogSoftmax', [`z${last}`], 'log_p', { axis: 1n }),
    node('Mul', ['y', 'log_p'], 'y_log_p'),
    node('ReduceSum', ['y_log_p', 'class_axis'], 'row_log_p', { keepdims: 0n }),
    node('Neg', ['row_log_p'], 'losses'),
    node('ArgMax', [`z${last}`], 'predicted', { axis: 1n, keepdims: 0n }),
    node('ArgMax', ['y'], 'labelled', { axis: 1n, keepdims: 0n }),
    node('Equal', ['predicted', 'labelled'], 'is_correct'),
    node('Cast', ['is_correct'], 'metrics', { to: 1n }),
  ]
}

function activation(layer: number): string {
  return layer === 0 ? 'x' : `h${layer}`
}

/** He et al. 2015, uniform: weights in ±√(6 / inputs), biases 0. */
function initialState(layers: Layer[], seed: Hash): State {
  const state: State = new Map()
  for (const { weight, bias, inputs, outputs } of layers) {
    const limit = Math.sqrt(6 / inputs)
    const draws = drawIndices(deriveTensorSeed(seed, weight), inputs * outputs, FRACTION_STEPS)
    state.set(
      weight,
      Float32Array.from(draws, (draw) => ((2 * draw + 1) / FRACTION_STEPS - 1) * limit),
    )
    state.set(bias, new Float32Array(outputs))
  }
  return state
}
