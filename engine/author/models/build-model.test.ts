import { expect } from 'chai'
import {
  batchOf,
  SMALL_MODELS,
  type SmallModel,
  stateFeeds,
  trainSmall,
} from '../../fixtures/built-models.ts'
import { type Feed, runGraph } from '../../fixtures/run-graph.ts'
import { checkGraph } from '../../package/graph-check.ts'
import { evalSignature, stepSignature } from '../../package/graph-signature.ts'
import { elementCount } from '../../package/safetensors.ts'
import { type BuiltModel, buildModel } from './build-model.ts'
import { readModelText } from './model-text.ts'

const STEPS = 40
const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Tensors of the model alone, as evaluation takes them. */
function modelFeeds(built: BuiltModel, state: ReadonlyMap<string, Feed>): Map<string, Feed> {
  return new Map(
    built.state.flatMap(({ name, role }) => (role === 'model' ? [[name, state.get(name)!]] : [])),
  )
}

function evaluate(
  built: BuiltModel,
  one: SmallModel,
  state: ReadonlyMap<string, Feed>,
  batch = batchOf(one),
) {
  return runGraph(built.evalGraph, new Map([...modelFeeds(built, state), ...batch]))
}

function predict(built: BuiltModel, one: SmallModel, state: ReadonlyMap<string, Feed>) {
  const inputs = [...batchOf(one)].filter(([name]) => name !== 'y')
  return runGraph(built.predictGraph, new Map([...modelFeeds(built, state), ...inputs]))
}

/** What a sample's loss must be, from the predictions. */
function lossOf(
  { options: { target } }: SmallModel,
  predictions: Float32Array,
  y: Feed,
  row: number,
): number {
  const width = elementCount(y.shape.slice(1))
  const labels = Array.from({ length: width }, (_, i) => Number(y.data[row * width + i]))
  const all = predictions.subarray((row * predictions.length) / y.shape[0]!)
  switch (target.kind) {
    case 'class':
      return -Math.log(all[labels.indexOf(1)]!)
    case 'tokens':
      return (
        labels.reduce((sum, id, place) => sum - Math.log(all[place * target.vocabulary + id]!), 0) / width
      )
    case 'values':
      return labels.reduce((sum, value, i) => sum + (value - all[i]!) ** 2, 0) / width
    case 'labels':
      return labels.reduce((sum, label, i) => sum - Math.log(label === 1 ? all[i]! : 1 - all[i]!), 0) / width
  }
}

describe('built-in models', () => {
  for (const one of SMALL_MODELS) {
    it(`learn, evaluate and predict: ${one.name}`, async () => {
      const built = buildModel(one.options)
      const { state, losses } = await trainSmall(one, STEPS)
      expect(losses.at(-1), 'loss').to.be.below(losses[0]! * 0.7)
      const [before, after] = [
        await evaluate(built, one, stateFeeds(built)),
        await evaluate(built, one, state),
      ]
      if (built.noise.length === 0) expect(mean(before.losses!)).to.be.closeTo(losses[0]!, 1e-5)
      const better = built.metric.direction === 'higher' ? 1 : -1
      expect(better * mean(after.metrics!)).to.be.above(better * mean(before.metrics!))
      const { predictions } = await predict(built, one, state)
      after.losses!.forEach((loss, row) => {
        expect(loss, `loss of sample ${row}`).to.be.closeTo(
          lossOf(one, predictions!, batchOf(one).get('y')!, row),
          1e-4,
        )
      })
    })
  }

  for (const one of SMALL_MODELS) {
    it(`pass the check of graphs: ${one.name}`, () => {
      const built = buildModel(one.options)
      const signed = { ...one.options, ...built, inputs: [...one.options.inputs] }
      const { cost } = checkGraph(built.stepGraph, stepSignature(signed))
      checkGraph(built.evalGraph, evalSignature(signed))
      expect(cost.operations).to.be.above(0)
    })
  }

  it('are the same bytes each time, and begin with other weights for another seed', () => {
    for (const one of SMALL_MODELS) expect(buildModel(one.options)).to.deep.equal(buildModel(one.options))
    const { options } = SMALL_MODELS.find(({ name }) => name.startsWith('mlp'))!
    const other = buildModel({ ...options, seed: `0x${'11'.repeat(32)}` })
    expect(other.init).not.to.deep.equal(buildModel(options).init)
    expect(other.stepGraph).to.deep.equal(buildModel(options).stepGraph)
  })

  it('give numbers for the zero rows that fill a batch', async () => {
    for (const one of SMALL_MODELS) {
      const built = buildModel(one.options)
      const batch = batchOf(one)
      for (const { data } of batch.values()) data instanceof BigInt64Array ? data.fill(0n) : data.fill(0)
      const { losses, metrics } = await evaluate(built, one, stateFeeds(built), batch)
      expect([...losses!, ...metrics!].every(Number.isFinite), one.name).to.equal(true)
    }
  })

  it('name the tensors that an optimizer keeps for itself', () => {
    const roles = ({ state }: BuiltModel) => state.map(({ name, role }) => `${name} ${role}`)
    expect(roles(buildModel(SMALL_MODELS[0]!.options))).to.deep.equal(['w0 model', 'b0 model'])
    expect(
      roles(buildModel({ ...SMALL_MODELS[0]!.options, optimizer: { kind: 'momentum', momentum: 0.9 } })),
    ).to.deep.equal(['w0 model', 'b0 model', 'velocity.w0 local', 'velocity.b0 local'])
  })

  it('measure by accuracy, mean absolute error, share of labels and perplexity', async () => {
    const logistic = SMALL_MODELS[0]!.options
    const kinds = [
      { kind: 'class', classes: 3 },
      { kind: 'values', count: 2 },
      { kind: 'labels', count: 2 },
    ] as const
    const metrics = await Promise.all(
      kinds.map(async (target) => {
        const built = buildModel({ ...logistic, target, batchSize: 2, evalBatchSize: 2 })
        const width = target.kind === 'class' ? 3 : 2
        const feeds = new Map<string, Feed>([
          ['x', { shape: [2, 8], data: new Float32Array(16) }],
          ['w0', { shape: [8, width], data: new Float32Array(8 * width) }],
          ['b0', { shape: [width], data: Float32Array.of(-1, 2, 0.5).slice(0, width) }],
          [
            'y',
            { shape: [2, width], data: Float32Array.from(width === 3 ? [0, 1, 0, 1, 0, 0] : [0, 1, 1, 0]) },
          ],
        ])
        return [...(await runGraph(built.evalGraph, feeds)).metrics!]
      }),
    )
    expect(metrics).to.deep.equal([
      [1, 0],
      [1, 2],
      [1, 0],
    ])
  })

  const [table, text] = [SMALL_MODELS[0]!.options, SMALL_MODELS[6]!.options]
  const refused: [string, Parameters<typeof buildModel>[0], string][] = [
    [
      'tokens without a transformer',
      { ...text, model: readModelText('mlp:4') },
      'a target of tokens needs a transformer, not mlp',
    ],
    [
      'an mlp of tokens',
      { ...text, model: readModelText('mlp:4'), target: table.target },
      'input x holds int64, this model takes float32',
    ],
    [
      'a cnn of columns',
      { ...table, model: readModelText('cnn') },
      'a cnn takes one input of pictures, with a grid',
    ],
    [
      'a transformer of columns',
      { ...table, model: readModelText('transformer') },
      'a transformer takes one input: tokens of shape [length]',
    ],
    [
      'another length',
      { ...text, target: { kind: 'tokens', length: 4, vocabulary: 7 } },
      'a target of 4 tokens needs as many tokens as input',
    ],
    [
      'tokens without a bound',
      { ...text, inputs: [{ name: 'x', dtype: 'int64', shape: [5] }] },
      "input x is int64 and doesn't say below what",
    ],
    ['too much dropout', { ...table, dropout: 1 }, 'dropout is 1; use a share from 0 to 0.9'],
    [
      'dropout in nine layers',
      { ...table, model: readModelText(`mlp:${Array(9).fill(4)}`), dropout: 0.1 },
      'dropout in 9 layers, the limit is 8',
    ],
  ]
  for (const [name, options, message] of refused) {
    it(`are refused: ${name}`, () => {
      expect(() => buildModel(options)).to.throw(message)
    })
  }
})
