import { expect } from 'chai'
import {
  groupSamples,
  labelsTask,
  lineSamples,
  regressionTask,
  textSamples,
  tokensTask,
} from '../fixtures/kinds-of-samples.ts'
import { FEATURES, poolOf, sampleSpecOf } from '../fixtures/small-tasks.ts'
import { assembleTaskPackage, createTask } from '../node/task-package.ts'
import { type Dataset, joinSamples, makeBatch, readDataset, strataOf, subset, writeDataset } from './data.ts'
import { featuresOf } from './features.ts'
import { evalSignature, stepSignature } from './graph-signature.ts'
import { readAnyPool, writePool } from './pool.ts'
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts'
import { ACCURACY, sampleBytes, strataCount, stratumText, valuesInBatch } from './sample-spec.ts'
import { metricText } from './sample-text.ts'
import type { TaskContents } from './task-contents.ts'
import { checkTaskSpec, parseTaskSpec, type TaskSpec } from './task-spec.ts'

let line: TaskSpec
let text: TaskSpec
let groups: TaskSpec
const specOf = async (contents: TaskContents) => parseTaskSpec((await createTask(contents)).taskJson).spec

before(async () => {
  line = await specOf(regressionTask())
  text = await specOf(tokensTask())
  groups = await specOf(labelsTask())
})

describe('what a sample is', () => {
  const tokens = () => text.inputs[0]!
  const features = () => line.inputs[0]!
  const refusals: [what: string, change: () => object, reason: string | RegExp][] = [
    ['no inputs', () => ({ ...line, inputs: [] }), /inputs: Too small/],
    [
      'nine inputs',
      () => ({ ...line, inputs: Array.from({ length: 9 }, (_, i) => ({ ...features(), name: `x${i}` })) }),
      /inputs: Too big/,
    ],
    [
      'two inputs of one name',
      () => ({ ...line, inputs: [features(), features()] }),
      'inputs: an input is named twice',
    ],
    [
      'an input named like a state tensor',
      () => ({ ...line, inputs: [{ ...features(), name: 'w' }] }),
      'inputs: w names a state tensor, too',
    ],
    ...['y', 'lr', 'losses', 'metrics', 'stratum', 'salt.seed', 'w_next'].map(
      (name): [string, () => object, RegExp] => [
        `an input named ${name}`,
        () => ({ ...line, inputs: [{ ...features(), name }] }),
        /inputs\.0\.name: can't name an input: reserved/,
      ],
    ),
    [
      'an input whose name begins with a digit',
      () => ({ ...line, inputs: [{ ...features(), name: '0' }] }),
      'inputs.0.name: expected a letter',
    ],
    [
      'an unknown type',
      () => ({ ...line, inputs: [{ ...features(), dtype: 'float64' }] }),
      /inputs\.0\.dtype: Invalid option/,
    ],
    [
      'whole numbers without an end',
      () => ({ ...text, inputs: [{ name: 'tokens', dtype: 'int64', shape: [4] }] }),
      'inputs: tokens is int64 and needs below',
    ],
    [
      'features with an end',
      () => ({ ...line, inputs: [{ ...features(), below: 9 }] }),
      'inputs: x is float32, below is for whole numbers',
    ],
    [
      'whole numbers of more than 31 bits',
      () => ({ ...text, inputs: [{ ...tokens(), below: 2 ** 31 + 1 }] }),
      /inputs\.0\.below: Too big/,
    ],
    [
      'whole numbers on a grid',
      () => ({
        ...text,
        inputs: [{ ...tokens(), grid: { height: 1, width: 4, channels: 1, order: 'channels-last' } }],
      }),
      'inputs: tokens is int64, a grid is for float32',
    ],
    ['an unknown target', () => ({ ...line, target: { kind: 'picture' } }), /target\.kind: Invalid/],
    [
      'a vocabulary that float32 does not hold',
      () => ({ ...text, target: { kind: 'tokens', length: 4, vocabulary: 2 ** 24 + 1 } }),
      /target\.vocabulary: Too big/,
    ],
    [
      'classes as strata of real values',
      () => ({ ...line, strata: { by: 'class' } }),
      'strata: by class needs a target of classes, this one is of values',
    ],
    [
      'one stratum',
      () => ({ ...line, strata: { by: 'column', names: ['all'] } }),
      /strata\.names: Too small/,
    ],
    [
      'two strata of one name',
      () => ({ ...line, strata: { by: 'column', names: ['a', 'a'] } }),
      'strata: a stratum is named twice',
    ],
    [
      'counts of other strata',
      () => ({ ...line, strata: { by: 'column', names: ['a', 'b', 'c'] } }),
      'pool.strataCounts: 2 counts, the task has 3 strata',
    ],
    [
      'a metric with letters that no terminal shows',
      () => ({ ...line, metric: { ...line.metric, name: 'error\u001b[2J' } }),
      'metric.name: expected words of letters',
    ],
    [
      'a unit that is too long',
      () => ({ ...line, metric: { ...line.metric, unit: 'c'.repeat(21) } }),
      /metric\.unit/,
    ],
    [
      'an unknown direction',
      () => ({ ...line, metric: { ...line.metric, direction: 'up' } }),
      /metric\.direction: Invalid option/,
    ],
    ['a loss without a name', () => ({ ...line, loss: { name: '' } }), 'loss.name: expected words'],
    [
      'batches of int64 that take too much memory',
      () => ({ ...text, inputs: [{ ...tokens(), shape: [2 ** 18] }] }),
      `inputs: ${16 * (2 ** 19 + 8)} values a batch, the limit is ${2 ** 23}`,
    ],
  ]
  for (const [what, change, reason] of refusals)
    it(`is refused with ${what}`, () => {
      expect(() => checkTaskSpec(change()))
        .to.throw(reason as string)
        .with.property('code', 'spec')
    })

  it('says what graphs take and give', () => {
    const batch = [
      { name: 'tokens', dtype: 'int64', shape: [8, 4] },
      { name: 'scale', dtype: 'float32', shape: [8, 1] },
      { name: 'y', dtype: 'int64', shape: [8, 4] },
    ]
    expect(stepSignature(text).inputs.slice(1)).to.deep.equal([...batch, { name: 'lr', shape: [] }])
    const [state, ...rows] = evalSignature(text).inputs
    expect(state).to.deep.equal({ name: 'table', shape: [5, 5] })
    expect(rows.map(({ shape }) => shape[0])).to.deep.equal([16, 16, 16])
    expect(evalSignature(text).outputs.map(({ name }) => name)).to.deep.equal(['losses', 'metrics'])
  })

  it('is as large as its parts: an int64 takes two values in a batch, and one in a file', () => {
    expect([valuesInBatch(text), sampleBytes(text)]).to.deep.equal([17, 36])
    expect([valuesInBatch(line), sampleBytes(line)]).to.deep.equal([4, 16])
    const small = sampleSpecOf(FEATURES, 3)
    expect([valuesInBatch(small), sampleBytes(small)], 'a class is one number in a file').to.deep.equal([
      11, 36,
    ])
    expect([strataCount(small), strataCount(groups)]).to.deep.equal([3, 3])
    expect([stratumText(small, 2), stratumText(line, 0)]).to.deep.equal(['class 2', 'stratum below zero'])
  })

  it('is measured in words: a share in percent, a power of the mean, or the mean with its unit', () => {
    expect(metricText(ACCURACY, 0.91305)).to.equal('accuracy 91.31 %')
    expect(metricText(text.metric, Math.log(12.5))).to.equal('perplexity 12.5')
    expect(metricText(line.metric, 3.14249)).to.equal('mean absolute error 3.142 cm')
  })
})

describe('samples of several inputs', () => {
  const changed = (data: Dataset, spec: TaskSpec, change: Record<string, Tensor | undefined>) => {
    const tensors = readSafetensors(writeDataset(data, spec))
    for (const [name, tensor] of Object.entries(change))
      if (tensor === undefined) tensors.delete(name)
      else tensors.set(name, tensor)
    return readDataset(writeSafetensors(tensors), spec)
  }
  const i32 = (data: number[], shape = [data.length]): Tensor => ({
    dtype: 'I32',
    shape,
    data: Int32Array.from(data),
  })
  const f32 = (data: number[], shape = [data.length]): Tensor => ({
    dtype: 'F32',
    shape,
    data: Float32Array.from(data),
  })
  const [lines, texts, grouped] = [lineSamples('few', 3), textSamples('few', 3), groupSamples('few', 3)]

  it('are refused with other tensors, types, shapes and numbers, each with its limit', () => {
    const wrong: [() => unknown, string][] = [
      [
        () => changed(texts, text, { scale: undefined }),
        'a data file holds tokens (I32), scale (F32), y (I32), nothing else',
      ],
      [
        () => changed(texts, text, { scale: i32([1, 1, 1], [3, 1]) }),
        'a data file holds tokens (I32), scale (F32), y (I32)',
      ],
      [() => changed(texts, text, { scale: f32([1, 1], [2, 1]) }), 'scale has shape [2,1], expected [3,1]'],
      [
        () => changed(texts, text, { tokens: i32([0, 1, 2, 5, ...Array(8).fill(0)], [3, 4]) }),
        'tokens[3] is 5: values go from 0 to 4',
      ],
      [
        () => changed(texts, text, { tokens: i32([-1, ...Array(11).fill(0)], [3, 4]) }),
        'tokens[0] is -1: values go from 0 to 4',
      ],
      [
        () => changed(texts, text, { y: i32([...Array(11).fill(0), 7], [3, 4]) }),
        'y[11] is 7: tokens go from 0 to 4',
      ],
      [() => changed(texts, text, { y: i32([1, 2, 3]) }), 'y has shape [3], expected [3,4]'],
      [
        () => changed(lines, line, { y: i32([1, 2, 3], [3, 1]) }),
        'a data file holds x (F32), y (F32), nothing else',
      ],
      [() => changed(lines, line, { y: f32([1, Number.NaN, 3], [3, 1]) }), 'y[1] is NaN'],
      [() => changed(lines, line, { y: f32([]) }), 'y has shape [0]: expected 1 to 16777216 samples'],
      [
        () => changed(grouped, groups, { y: f32([0, 1, 0.5, 0, 0, 0], [3, 2]) }),
        'y[2] is 0.5: labels are 0 or 1',
      ],
      [
        () =>
          readDataset(
            writeDataset(
              { ...lines, inputs: { x: new Float32Array(9) }, y: new Int32Array(3) },
              sampleSpecOf(3, 2),
            ),
            sampleSpecOf(3, 2),
          ),
        '3 tensors, the limit is 2',
      ],
    ]
    for (const [read, reason] of wrong) expect(read, reason).to.throw(reason).with.property('code', 'data')
  })

  it('need strata in a pool, of those that the task names', () => {
    const pool = poolOf(lines)
    const { strata: _, ...without } = lines
    expect(() => readAnyPool(writePool({ ...pool, samples: without }, line), line)).to.throw(
      'a data file holds x (F32), y (F32), stratum (I32), nothing else',
    )
    const third = { ...pool, samples: { ...lines, strata: Int32Array.of(0, 2, 1) } }
    expect(() => readAnyPool(writePool(third, line), line)).to.throw('stratum[1] is 2: strata go from 0 to 1')
    expect(() => strataOf(line, without)).to.throw('the samples have no stratum: only those of a pool do')
  })

  it('are refused in a new package when they are not of its task', async () => {
    const refusal = async (samples: Dataset) =>
      createTask({ ...tokensTask(), pool: poolOf(samples) }).catch((error: Error) => error.message)
    expect(await refusal({ ...texts, inputs: { tokens: texts.inputs.tokens! } })).to.equal(
      'scale has no values, expected 3',
    )
    expect(await refusal({ ...texts, y: texts.y.slice(1) })).to.equal('y has 11 values, expected 12')
    const { strata: _, ...without } = texts
    expect(await refusal(without)).to.equal('stratum has no values, expected 3')
    expect(
      await refusal({ ...texts, inputs: { ...texts.inputs, scale: Float32Array.of(1, Number.NaN, 1) } }),
    ).to.equal('scale[1] is NaN: every value must be a finite number')
  })

  it('become batches and parts: rows of each input, zeros where samples end', () => {
    const { inputs, y } = makeBatch(text, texts, [2, 0], 3)
    const rows = texts.inputs.tokens!
    expect([...inputs.tokens!]).to.deep.equal([...rows.slice(8, 12), ...rows.slice(0, 4), 0, 0, 0, 0])
    expect([...inputs.scale!]).to.deep.equal([1, 1, 0])
    expect([...y]).to.deep.equal([...texts.y.slice(8, 12), ...texts.y.slice(0, 4), 0, 0, 0, 0])
    const parts = [subset(texts, [0]), subset(texts, [1, 2])]
    expect(joinSamples(parts)).to.deep.equal(texts)
    expect(() => featuresOf(texts)).to.throw(
      'the samples have the inputs tokens, scale, expected features x alone',
    )
  })
})

describe('graphs of whole numbers', () => {
  it('are refused when they take them as another type', async () => {
    const contents = tokensTask()
    const [tokens, scale] = contents.spec.inputs
    const spec = { ...contents.spec, inputs: [{ ...tokens!, dtype: 'int32' as const }, scale!] }
    const { taskJson, files } = await createTask({ ...contents, spec })
    const error = await assembleTaskPackage(taskJson, files).catch((thrown: Error) => thrown)
    expect(error).to.have.property('message', 'step.onnx: input tokens is no int32 tensor; export it as one')
  })
})
