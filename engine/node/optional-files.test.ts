import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { encodeGraph, node } from '../author/onnx-author.ts'
import { CLASSES, FEATURES, smallTask } from '../fixtures/small-tasks.ts'
import type { Hash } from '../hash.ts'
import { makeBatch } from '../package/data.ts'
import { fetchTaskPackage } from '../package/fetch-package.ts'
import type { GraphPort } from '../package/graph-check.ts'
import { evalSignature } from '../package/graph-signature.ts'
import { PREPROCESS_FORMAT, type Preprocess } from '../package/preprocess.ts'
import type { TaskContents, TaskPackage } from '../package/task-contents.ts'
import { installedEngine } from './engine-pin.ts'
import { DEFAULT_SANDBOX_LIMITS, openSandboxedEngine } from './sandbox.ts'
import { openEngine } from './session.ts'
import { createTask, readTaskPackage, writeTaskPackage } from './task-package.ts'

const contents = smallTask()
const ROWS = contents.spec.evalBatchSize

/** Probabilities of the classes, of the small task's two layers. */
function predictGraph({
  shape = [ROWS, CLASSES],
  more = [],
}: {
  shape?: number[]
  more?: GraphPort[]
} = {}): Uint8Array {
  const inputs = evalSignature(contents.spec).inputs.filter(({ name }) => name !== 'y')
  const nodes = [
    node('Gemm', ['x', 'w0', 'b0'], 'z0'),
    node('Relu', ['z0'], 'h1'),
    node('Gemm', ['h1', 'w1', 'b1'], 'z1'),
    node('Softmax', ['z1'], 'predictions', { axis: 1n }),
  ]
  return encodeGraph(
    'predict',
    { inputs: [...inputs, ...more], outputs: [{ name: 'predictions', shape }] },
    nodes,
    [],
  )
}

/** A table of the small task's features and classes. */
const TABLE: Preprocess = {
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

const whole: TaskContents = { ...contents, predictGraph: predictGraph(), preprocess: TABLE }

describe('a package that says how to predict and to prepare', () => {
  let dir: string
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-optional-'))
  })
  after(() => rm(dir, { recursive: true }))

  const refusal = async (change: Partial<TaskContents>) =>
    writeTaskPackage(join(dir, 'refused'), { ...whole, ...change }).then(
      () => expect.fail('it was taken'),
      (error: Error & { code: string }) => error,
    )

  it('is read back from a folder and from blobs, under another hash than one without', async () => {
    const written = await writeTaskPackage(join(dir, 'whole'), whole)
    expect(written.preprocess).to.deep.equal(TABLE)
    expect(written.predictGraph).to.deep.equal(whole.predictGraph)
    expect(written.costs.prediction!.operations).to.be.above(0)
    const { taskJson, files, specHash } = await createTask(whole)
    expect(specHash).to.not.equal((await createTask(contents)).specHash)
    expect([...files.keys()].slice(3)).to.deep.equal(['predict.onnx', 'preprocess.json'])
    const { spec } = written
    const blobs = new Map([
      [specHash, taskJson],
      ...[...files].map(([name, bytes]) => [spec.files[name]!.sha256 as Hash, bytes] as const),
    ])
    const fetched = await fetchTaskPackage(
      specHash,
      await installedEngine(),
      async (hash) => blobs.get(hash)!,
    )
    expect(fetched).to.deep.equal(written)
  })

  it('is refused without a file that task.json names, or with another one', async () => {
    const place = join(dir, 'whole')
    const file = join(place, 'preprocess.json')
    const bytes = await readFile(file)
    const problem = async () => readTaskPackage(place).catch((error: Error) => error.message)
    await writeFile(file, Buffer.concat([bytes, Buffer.from(' ')]))
    expect(await problem()).to.match(/^preprocess\.json has \d+ bytes, task\.json says \d+/)
    await writeFile(file, Buffer.from(bytes.toString().replace('"f0"', '"g0"')))
    expect(await problem()).to.match(/^preprocess\.json has sha256 0x/)
    await rm(file)
    expect(await problem()).to.match(/^preprocess\.json can't be read/)
  })

  it('is refused when its graph takes or gives something else', async () => {
    const cases: [Uint8Array, string][] = [
      [new Uint8Array(9), 'predict.onnx: not an ONNX model'],
      [
        predictGraph({ shape: [3, CLASSES] }),
        `predict.onnx: the output predictions has shape [3,3], expected ${ROWS} rows`,
      ],
      [predictGraph({ shape: [ROWS, 4] }), 'predict.onnx: the nodes give predictions the shape [16,3]'],
      [predictGraph({ shape: [ROWS, 1, 1, 1, 1] }), 'expected 16 rows of fixed sizes, of rank 4 at most'],
      [
        predictGraph({ more: [{ name: 'y', shape: [ROWS, CLASSES] }] }),
        'predict.onnx: inputs are w0, b0, w1, b1, x, y',
      ],
      [contents.evalGraph, 'predict.onnx: the output predictions has shape [none]'],
    ]
    for (const [graph, reason] of cases) {
      const error = await refusal({ predictGraph: graph })
      expect(error.message).to.contain(reason)
      expect(error.code).to.equal('graph')
    }
  })

  it('is refused when its preprocess.json makes other samples', async () => {
    const columns = TABLE.columns.slice(1)
    const { code, message } = await refusal({ preprocess: { ...TABLE, columns } })
    expect([code, message]).to.deep.equal([
      'package',
      'preprocess.json makes x float32 [7], the task takes x float32 [8]',
    ])
  })

  describe('predicts', () => {
    let task: TaskPackage
    before(async () => {
      task = await writeTaskPackage(join(dir, 'predicts'), whole)
    })
    const { samples } = contents.pool
    const batches = [[0, 1, 2], [7]].map((places) => makeBatch(contents.spec, samples, places, ROWS))

    it('by rows of probabilities, for samples without targets, with the same bits in the sandbox', async () => {
      const engine = await openEngine(task)
      const inputs = batches.map((batch) => ({ inputs: batch.inputs }))
      const found = await engine.predict(task.init, inputs)
      expect(found.map(({ length }) => length)).to.deep.equal([ROWS * CLASSES, ROWS * CLASSES])
      expect(found[0]!.slice(0, CLASSES).reduce((sum, share) => sum + share, 0)).to.be.closeTo(1, 1e-6)
      const [evaluation] = await engine.evaluate(task.init, [batches[0]!])
      for (const row of [0, 1, 2]) {
        const share = found[0]![row * CLASSES + samples.y[row]!]!
        expect(-Math.log(share), `${row}`).to.be.closeTo(evaluation!.losses[row]!, 1e-5)
      }
      const sandbox = await openSandboxedEngine(task, DEFAULT_SANDBOX_LIMITS)
      expect(await sandbox.predict(task.init, inputs)).to.deep.equal(found)
      await sandbox.close()
      await engine.close()
    })

    it('nothing without predict.onnx, and says so', async () => {
      const { predictGraph: _, ...without } = task
      for (const engine of [
        await openEngine(without),
        await openSandboxedEngine(without, DEFAULT_SANDBOX_LIMITS),
      ]) {
        const error = await engine.predict(task.init, batches).catch((thrown: Error) => thrown)
        expect(error).to.have.property('code', 'package')
        expect(error).to.have.property('message').that.contains('the task has no predict.onnx')
        expect(await engine.evaluate(task.init, [batches[0]!]), 'and goes on').to.have.length(1)
        await engine.close()
      }
    })
  })
})
