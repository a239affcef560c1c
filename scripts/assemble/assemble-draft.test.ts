import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeGraph, node } from '@assay/engine/author/onnx-author.ts'
import { noisyTask } from '@assay/engine/fixtures/noisy-task.ts'
import { blobs, CLASSES, FEATURES, poolOf, seedOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { readPoolFile, readTaskPackage } from '@assay/engine/node/task-package.ts'
import { datasetTensors, makeBatch, readDataset, writeDataset } from '@assay/engine/package/data.ts'
import { evalSignature } from '@assay/engine/package/graph-signature.ts'
import { PREPROCESS_FORMAT, type Preprocess, preprocessBytes } from '@assay/engine/package/preprocess.ts'
import { readSafetensors, type Tensor, writeSafetensors } from '@assay/engine/package/safetensors.ts'
import { makeStepBatch, stepNoise } from '@assay/engine/run/step-batch.ts'
import { expect } from 'chai'
import { assembleDraft } from './assemble-draft.ts'

const STEPS = 3
const LIMITS = { maxBytes: 2 ** 20, maxTensors: 20 }
const held = blobs(30, seedOf('held out'))
const contents = smallTask({ pool: poolOf(held) })
const { batchSize, evalBatchSize } = contents.spec
const samples = blobs(STEPS * batchSize, seedOf('steps'))

/** Chances of the classes, of the small task's two layers. */
const predictGraph = encodeGraph(
  'predict',
  {
    inputs: evalSignature(contents.spec).inputs.filter(({ name }) => name !== 'y'),
    outputs: [{ name: 'predictions', shape: [evalBatchSize, CLASSES] }],
  },
  [
    node('Gemm', ['x', 'w0', 'b0'], 'z0'),
    node('Relu', ['z0'], 'h1'),
    node('Gemm', ['h1', 'w1', 'b1'], 'z1'),
    node('Softmax', ['z1'], 'predictions', { axis: 1n }),
  ],
  [],
)

/** A table of the small task's features and classes. */
const recipe: Preprocess = {
  format: PREPROCESS_FORMAT,
  kind: 'table',
  input: 'x',
  missing: [''],
  columns: Array.from({ length: FEATURES }, (_, i) => ({
    kind: 'number',
    name: `f${i}`,
    mean: '0',
    deviation: '1',
  })),
  target: { kind: 'class', column: 'kind', classes: [['a'], ['b'], ['c']] },
}

describe('a package of what another program hands over', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-draft-'))
    await mkdir(join(folder, 'draft'))
    await writeDraft({})
  })
  afterEach(() => rm(folder, { recursive: true }))

  const put = (name: string, bytes: Uint8Array | string) => writeFile(join(folder, 'draft', name), bytes)
  const assemble = () => assembleDraft(join(folder, 'draft'), join(folder, 'task'))

  async function writeDraft(changed: object): Promise<void> {
    const { stateChunkBytes, unitsPerStep, ...spec } = { ...contents.spec, ...changed }
    const init = spec.state.map(({ name, shape }): [string, Tensor] => [
      name,
      { dtype: 'F32', shape, data: contents.init.get(name)! },
    ])
    await put('spec.json', JSON.stringify(spec))
    await put('step.onnx', contents.stepGraph)
    await put('eval.onnx', contents.evalGraph)
    await put('predict.onnx', predictGraph)
    await put('init.safetensors', writeSafetensors(new Map(init)))
    await put('pool.safetensors', writeSafetensors(datasetTensors(held, contents.spec)))
    await put('replay.safetensors', writeDataset(samples, contents.spec))
  }

  it('is a package of the engine, with its pool beside it', async () => {
    const { specHash, unitsPerStep, memoryMiB } = await assemble()
    const task = await readTaskPackage(join(folder, 'task', 'package'))
    expect(task.specHash).to.equal(specHash)
    expect(task.spec).to.deep.include({ unitsPerStep, state: contents.spec.state })
    expect([unitsPerStep, memoryMiB]).to.deep.equal([Math.ceil(task.costs.step.operations / 1000), 1])
    const { samples: pool } = await readPoolFile(join(folder, 'task', 'pool.safetensors'), task.spec)
    expect(pool).to.deep.equal(held)
  })

  it('comes with what the engine makes of its steps and its pool', async () => {
    const { rates } = await assemble()
    const task = await readTaskPackage(join(folder, 'task', 'package'))
    const engine = await openEngine(task)
    const rows = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i)
    const batches = rates.map((rate, step) =>
      makeStepBatch(task.spec, samples, rows(batchSize, step * batchSize), {
        rate,
        seed: seedOf('no noise'),
        step,
      }),
    )
    const { state, losses } = await engine.steps(task.init, batches)
    const measured = [makeBatch(task.spec, held, rows(evalBatchSize, 0))]
    const [found] = await engine.evaluate(task.init, measured)
    const [predictions] = await engine.predict(task.init, measured)
    await engine.close()

    const result = readSafetensors(await readFile(join(folder, 'draft', 'result.safetensors')), LIMITS)
    expect(rates).to.deep.equal(Array(STEPS).fill(Math.fround(0.1)))
    for (const [name, data] of state) expect(result.get(`state/${name}`)!.data).to.deep.equal(data)
    expect([...result.get('losses')!.data]).to.deep.equal(losses)
    expect([...result.get('evaluation')!.data]).to.deep.equal([...found!.losses, ...found!.metrics])
    expect(result.get('predictions')!.data).to.deep.equal(predictions)
  })

  it('comes with the random inputs of each step', async () => {
    const noisy = noisyTask()
    await writeDraft({ noise: noisy.spec.noise })
    await put('step.onnx', noisy.stepGraph)
    await assemble()
    const files = (await readdir(join(folder, 'draft'))).filter((name) => name.startsWith('noise-')).sort()
    expect(files).to.have.length(STEPS)
    const { spec } = await readTaskPackage(join(folder, 'task', 'package'))
    for (const [step, name] of files.entries()) {
      const found = readSafetensors(await readFile(join(folder, 'draft', name)), LIMITS)
      const drawn = stepNoise(spec, { seed: `0x${'00'.repeat(32)}`, step })
      expect([...found.keys()].sort()).to.deep.equal([...drawn.keys()].sort())
      for (const [input, values] of drawn) expect(found.get(input)!.data).to.deep.equal(values)
    }
  })

  it('says how to predict, and how files become samples where the draft does', async () => {
    await assemble()
    const { predictGraph, preprocess } = await readTaskPackage(join(folder, 'task', 'package'))
    expect([predictGraph === undefined, preprocess]).to.deep.equal([false, undefined])
    await put('preprocess.json', preprocessBytes(recipe))
    await assembleDraft(join(folder, 'draft'), join(folder, 'other'))
    expect((await readTaskPackage(join(folder, 'other', 'package'))).preprocess).to.deep.equal(recipe)
  })

  it('keeps the units that its owner sets', async () => {
    await put('spec.json', JSON.stringify({ ...JSON.parse(await specText()), unitsPerStep: 7 }))
    expect((await assemble()).unitsPerStep).to.equal(7)
  })

  it('has samples of contributors beside it, none of which may be held out', async () => {
    const shard = blobs(9, seedOf('shard'))
    await put('shard-1.safetensors', writeDataset(shard, contents.spec))
    await assemble()
    const file = await readFile(join(folder, 'task/shards/contributor-1.safetensors'))
    expect(readDataset(file, contents.spec)).to.deep.equal(shard)
    await put('shard-1.safetensors', writeDataset(held, contents.spec))
    expect(await assemble().catch((error: Error) => error.message)).to.contain(
      'sample 0 of shard-1.safetensors is sample 0 of the held-out pool, and so are 29 others',
    )
  })

  it('is refused in words where the engine refuses it', async () => {
    await writeDraft({ commitEvery: 5 })
    expect(await assemble().catch((error: Error) => error.message)).to.contain(
      'commitEvery: 5 does not divide',
    )
    await writeDraft({ evalBatchSize: 8 })
    expect(await assemble().catch((error: Error) => error.message)).to.contain('eval.onnx: input x has shape')
  })

  const specText = () => readFile(join(folder, 'draft', 'spec.json'), 'utf8')
})
