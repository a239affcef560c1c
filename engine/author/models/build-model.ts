/** The built-in models: graphs of a training step, of evaluation and of prediction, and the values that everything begins with. */
import type { Hash } from '../../hash.ts'
import type { NoiseInput } from '../../package/noise.ts'
import type { Input, Metric, Target } from '../../package/sample-spec.ts'
import type { State } from '../../package/state.ts'
import type { TaskSpec } from '../../package/task-spec.ts'
import { demand } from '../../refusal.ts'
import { reduceMean } from '../operators/reduce.ts'
import { descend, type Optimizer } from '../optimizers/optimizer.ts'
import { encodeTape } from '../tape/encode.ts'
import { input, type Tensor } from '../tape/tape.ts'
import { cnn } from './cnn.ts'
import { beginning, type Draft, newDraft } from './draft.ts'
import { mlp } from './mlp.ts'
import type { ModelKind } from './model-kind.ts'
import { readoutOf, scoresOf } from './readout.ts'
import { transformer } from './transformer.ts'

export type ModelOptions = {
  model: ModelKind
  inputs: readonly Input[]
  target: Target
  optimizer: Optimizer
  /** Samples of a training step. */
  batchSize: number
  /** Samples of a run of evaluation or prediction. */
  evalBatchSize: number
  /** Share of elements that training drops, 0 by default. */
  dropout?: number
  /** Seeds the initial weights. */
  seed: Hash
}

export type BuiltModel = {
  /** state, inputs, y, lr, noise → `<tensor>_next` for each state tensor, loss */
  stepGraph: Uint8Array
  /** model tensors, inputs, y → losses and metrics, one a sample */
  evalGraph: Uint8Array
  /** model tensors, inputs → predictions */
  predictGraph: Uint8Array
  /** Local tensors begin anew each round; the others are the model. */
  state: TaskSpec['state']
  init: State
  noise: NoiseInput[]
  loss: { name: string }
  metric: Metric
}

const MOST_DROPOUT = 0.9
/** Most noise inputs of a step. */
const MOST_NOISE = 8

/**
 * Builds a model's graphs. The same arguments give the same bytes.
 *
 * @throws EngineRefusal `spec` when the model doesn't fit the inputs or the target, or dropout the model
 */
export function buildModel(options: ModelOptions): BuiltModel {
  const { target, seed } = options
  const step = stepOf(options)
  const { loss, metric } = readoutOf(target)
  const { weights, noise } = step.draft
  return {
    stepGraph: step.graph,
    ...readGraphs(options),
    state: [
      ...weights.map(({ name, shape }) => ({ name, shape: [...shape], role: 'model' as const })),
      ...step.local.map(({ name, shape }) => ({ name, shape: [...shape], role: 'local' as const })),
    ],
    init: new Map([
      ...weights.map((one) => [one.name, beginning(one, seed)] as const),
      ...step.local.map(
        (one) => [one.name, beginning({ ...one, begins: { value: one.begins } }, seed)] as const,
      ),
    ]),
    noise,
    loss,
    metric,
  }
}

function stepOf({ model, inputs, target, optimizer, batchSize, dropout = 0 }: ModelOptions) {
  demand(
    dropout >= 0 && dropout <= MOST_DROPOUT,
    'spec',
    () => `dropout is ${dropout}; use a share from 0 to ${MOST_DROPOUT}`,
  )
  const draft = newDraft(inputs, { rows: batchSize, trains: true, keep: 1 - dropout })
  const { losses } = scored(draft, model, target)
  demand(
    draft.noise.length <= MOST_NOISE,
    'spec',
    () =>
      `dropout in ${draft.noise.length} layers, the limit is ${MOST_NOISE}; use fewer layers, or no dropout`,
  )
  const loss = reduceMean(losses)
  const rate = input(draft.tape, 'lr', [])
  const { next, local } = descend(
    { loss, weights: draft.weights.map(({ tensor }) => tensor), rate },
    optimizer,
  )
  return { draft, local, graph: encodeTape(draft.tape, 'step', next.set('loss', loss)) }
}

function readGraphs({ model, inputs, target, evalBatchSize }: ModelOptions) {
  const readout = readoutOf(target)
  const draft = newDraft(inputs, { rows: evalBatchSize })
  const predictions = readout.predictions(modelScores(draft, model, target))
  const predictGraph = encodeTape(draft.tape, 'predict', new Map([['predictions', predictions]]))
  const evaluation = newDraft(inputs, { rows: evalBatchSize })
  const { scores, targets, losses } = scored(evaluation, model, target)
  const metrics = readout.metrics(scores, targets, losses)
  const outputs = new Map([
    ['losses', losses],
    ['metrics', metrics],
  ])
  return { evalGraph: encodeTape(evaluation.tape, 'eval', outputs), predictGraph }
}

function scored(draft: Draft, model: ModelKind, target: Target) {
  const readout = readoutOf(target)
  const scores = modelScores(draft, model, target)
  const targets = readout.targets(draft)
  return { scores, targets, losses: readout.losses(scores, targets) }
}

function modelScores(draft: Draft, model: ModelKind, target: Target): Tensor {
  const scores = scoresOf(target)
  demand(
    target.kind !== 'tokens' || model.kind === 'transformer',
    'spec',
    () => `a target of tokens needs a transformer, not ${model.kind}: transformer:layers=2,width=64`,
  )
  switch (model.kind) {
    case 'mlp':
      return mlp(draft, model.hidden, scores)
    case 'cnn':
      return cnn(draft, model.maps, scores)
    case 'transformer':
      return transformer(draft, model, target, scores)
  }
}
