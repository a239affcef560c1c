import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { ModelProtoSchema } from 'onnx-buf'
import { smallTask } from '../fixtures/small-tasks.ts'
import { blobHash, type Hash } from '../hash.ts'
import { canonicalJson } from '../package/canonical-json.ts'
import { fetchTaskPackage } from '../package/fetch-package.ts'
import type { Grid } from '../package/sample-spec.ts'
import { parseTaskSpec, specHash, type TaskSpec } from '../package/task-spec.ts'
import { installedEngine } from './engine-pin.ts'
import { createTask, readTaskPackage, writeTaskPackage } from './task-package.ts'

let dir: string

async function expectRefusal(code: string, reason: string | RegExp): Promise<void> {
  const error = await readTaskPackage(dir).catch((thrown) => thrown)
  expect(error).to.have.property('code', code)
  expect(error.message).to.match(typeof reason === 'string' ? new RegExp(escaped(reason)) : reason)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Rewrites task.json after `change`, in canonical form. */
async function changeSpec(change: (spec: TaskSpec) => object): Promise<void> {
  const { spec } = parseTaskSpec(await readFile(join(dir, 'task.json')))
  await writeFile(join(dir, 'task.json'), canonicalJson(JSON.parse(JSON.stringify(change(spec)))))
}

/** The small task's only input, but for `change`. */
function withInput(change: object): (spec: TaskSpec) => object {
  return (spec) => ({ ...spec, inputs: [{ ...spec.inputs[0], ...change }] })
}

/** The small task's eight features as a line, but for `change`. */
function withGrid(change: object): (spec: TaskSpec) => object {
  const grid = { height: 1, width: 8, channels: 1, order: 'channels-last', ...change }
  return withInput({ grid })
}

describe('task package', () => {
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-package-'))
    await writeTaskPackage(dir, smallTask())
  })

  afterEach(async () => {
    await rm(dir, { recursive: true })
  })

  it('is read back as written, and named by the hash of task.json', async () => {
    const read = await readTaskPackage(dir)
    expect(read.init).to.deep.equal(smallTask().init)
    expect(read.specHash).to.equal(blobHash(await readFile(join(dir, 'task.json'))))
    expect(read.specHash).to.equal(specHash(read.spec))
    expect(read.spec.engine).to.deep.equal(await installedEngine())
  })

  it('is the same for the same contents', async () => {
    const [a, b] = [await createTask(smallTask()), await createTask(smallTask())]
    expect(a).to.deep.equal(b)
  })

  it('is fetched from a blob store by its spec hash', async () => {
    const { taskJson, files, specHash: hash } = await createTask(smallTask())
    const blobs = new Map([taskJson, ...files.values()].map((bytes) => [blobHash(bytes), bytes]))
    const getBlob = async (sha256: Hash) => blobs.get(sha256)!
    expect((await fetchTaskPackage(hash, await installedEngine(), getBlob)).spec).to.deep.equal(
      (await readTaskPackage(dir)).spec,
    )

    blobs.set(hash, (await createTask(smallTask({ name: 'another' }))).taskJson)
    const error = await fetchTaskPackage(hash, await installedEngine(), getBlob).catch((thrown) => thrown)
    expect(error.message).to.contain(`${hash} was asked for`)
  })

  it('is refused by another engine, with both named', async () => {
    await changeSpec((spec) => ({ ...spec, engine: { ...spec.engine, version: '1.29.0' } }))
    await expectRefusal('engine', /pinned to onnxruntime-web 1\.29\.0 .* installed is onnxruntime-web \d/)
    await changeSpec((spec) => ({ ...spec, engine: { ...spec.engine, wasmSha256: `0x${'00'.repeat(32)}` } }))
    await expectRefusal('engine', 'wasm 0x00000000')
  })

  it('is refused when a file is missing, cut, longer, or changed', async () => {
    await truncate(join(dir, 'step.onnx'), 100)
    await expectRefusal('package', /step\.onnx has 100 bytes, task\.json says \d+/)
    await writeTaskPackage(dir, smallTask())

    await writeFile(join(dir, 'eval.onnx'), new Uint8Array(5000))
    await expectRefusal('package', /eval\.onnx has 5000 bytes, task\.json says \d+/)
    await writeTaskPackage(dir, smallTask())

    const init = await readFile(join(dir, 'init.safetensors'))
    init[init.length - 1]! ^= 1
    await writeFile(join(dir, 'init.safetensors'), init)
    await expectRefusal('package', /init\.safetensors has sha256 0x/)

    await rm(join(dir, 'step.onnx'))
    await expectRefusal('package', "step.onnx can't be read")
  })

  it('is refused when a file or folder is a symbolic link, or no file at all', async () => {
    await rename(join(dir, 'step.onnx'), join(dir, 'elsewhere'))
    await symlink(join(dir, 'elsewhere'), join(dir, 'step.onnx'))
    await expectRefusal('package', "step.onnx can't be read")
    await rm(join(dir, 'step.onnx'))

    await mkdir(join(dir, 'step.onnx'))
    await expectRefusal('package', /step\.onnx (is not a regular file|can't be read)/)
    await rm(join(dir, 'step.onnx'), { recursive: true })

    execFileSync('mkfifo', [join(dir, 'step.onnx')])
    await expectRefusal('package', 'step.onnx is not a regular file')
    await rm(join(dir, 'step.onnx'))
    await rename(join(dir, 'elsewhere'), join(dir, 'step.onnx'))
  })

  it('never opens a path that task.json names', async () => {
    await changeSpec((spec) => ({
      ...spec,
      files: { ...spec.files, '../../etc/passwd': spec.files['step.onnx'] },
    }))
    await expectRefusal('spec', /files: Unrecognized key/)
  })

  it('is refused when task.json is not canonical, has unknown keys or is too large', async () => {
    const { spec } = parseTaskSpec(await readFile(join(dir, 'task.json')))
    await writeFile(join(dir, 'task.json'), JSON.stringify(spec, null, 2))
    await expectRefusal('spec', 'not canonical')
    await writeFile(join(dir, 'task.json'), canonicalJson({ ...JSON.parse(JSON.stringify(spec)), extra: 1 }))
    await expectRefusal('spec', 'extra')
    await writeFile(join(dir, 'task.json'), new Uint8Array(70_000))
    await expectRefusal('package', 'task.json has 70000 bytes, the limit is 65536')
    await writeFile(join(dir, 'task.json'), '{')
    await expectRefusal('spec', 'not JSON')
  })

  it('is refused when numbers of task.json are out of bounds or contradict each other', async () => {
    const cases: [(spec: TaskSpec) => object, string | RegExp][] = [
      [(spec) => ({ ...spec, batchSize: 2 ** 40 }), /batchSize/],
      [(spec) => ({ ...spec, commitEvery: 5 }), 'commitEvery: 5 does not divide steps, 12'],
      [
        (spec) => ({ ...withInput({ shape: [2 ** 20] })(spec), steps: 48, commitEvery: 48 }),
        /commitEvery: a window takes \d+ values of samples at once, the limit is 67108864/,
      ],
      [
        (spec) => ({ ...withInput({ shape: [2 ** 18] })(spec), rootSteps: 4096 }),
        /rootSteps: a reference run takes \d+ values of samples at once/,
      ],
      [
        (spec) => ({ ...withInput({ shape: [2 ** 18] })(spec), personalSamples: 65_536 }),
        /personalSamples: a personal sample takes \d+ values of samples at once/,
      ],
      [
        (spec) => ({ ...spec, pool: { ...spec.pool, samples: 121 } }),
        'pool.strataCounts: 120 samples together, pool.samples is 121',
      ],
      [
        (spec) => ({ ...spec, pool: { ...spec.pool, strataCounts: [60, 60] } }),
        'pool.strataCounts: 2 counts, the task has 3 strata',
      ],
      [
        (spec) => ({ ...spec, schedule: { kind: 'constant', rate: '1e9' } }),
        'schedule.rate: expected a decimal',
      ],
      [(spec) => ({ ...spec, mode: 'tolerant' }), /mode/],
      [(spec) => ({ ...spec, state: [...spec.state, spec.state[0]] }), 'state: a tensor is named twice'],
      [
        (spec) => ({ ...spec, state: [{ name: 'loss', shape: [1], role: 'model' }] }),
        /can't name a state tensor/,
      ],
      [
        (spec) => ({ ...spec, state: [{ name: 'a', shape: [2 ** 20, 2 ** 20], role: 'model' }] }),
        /state: \d+ values, the limit is 33554432, with which a contributor takes 2 GiB of memory and a validator 5\.3 GiB/,
      ],
      [withGrid({ height: 2 }), 'x.grid: 2 × 8 × 1 (height, width, channels) are 16 values, a sample has 8'],
      [withGrid({ width: 1, channels: 8 }), 'x.grid: height and width are 1: leave the grid out'],
      [withGrid({ height: 0 }), /inputs\.0\.grid\.height: Too small/],
      [withGrid({ order: 'rows-first' }), /inputs\.0\.grid\.order: Invalid option/],
      [withGrid({ depth: 1 }), /inputs\.0\.grid: Unrecognized key/],
      [withInput({ shape: [2 ** 24] }), /inputs: \d+ values a batch/],
    ]
    for (const [change, reason] of cases) {
      await writeTaskPackage(dir, smallTask())
      await changeSpec(change)
      await expectRefusal('spec', reason)
    }
  })

  it('says how its features lie in space, if its owner does', async () => {
    const grid: Grid = { height: 2, width: 2, channels: 2, order: 'channels-first' }
    const written = await writeTaskPackage(dir, smallTask({ grid }))
    expect(written.spec.inputs).to.deep.equal([{ name: 'x', dtype: 'float32', shape: [8], grid }])
    expect((await readTaskPackage(dir)).spec.inputs[0]!.grid).to.deep.equal(grid)
  })

  it('is refused when its state or data is not what task.json says', async () => {
    const contents = smallTask()
    const wrongInit = new Map([...contents.init].slice(1))
    expect(await createTask({ ...contents, init: wrongInit }).catch((error) => error.message)).to.contain(
      'tensors',
    )

    const { samples } = contents.pool
    const pool = { ...contents.pool, samples: { ...samples, y: samples.y.with(3, 99) } }
    const error = await createTask({ ...contents, pool }).catch((thrown) => thrown)
    expect(error).to.have.property('code', 'data')
    expect(error.message).to.equal('y[3] is 99: labels go from 0 to 2')
  })
  it('is refused when a graph needs what the engine has not, with file, node and fix', async () => {
    const contents = smallTask()
    const model = fromBinary(ModelProtoSchema, contents.evalGraph)
    Object.assign(model.graph!.node[1]!, { opType: 'Gelu', name: 'act' })
    const wrong = await createTask({ ...contents, evalGraph: toBinary(ModelProtoSchema, model) })
    for (const [name, bytes] of wrong.files) await writeFile(join(dir, name), bytes)
    await writeFile(join(dir, 'task.json'), wrong.taskJson)
    await expectRefusal(
      'graph',
      'eval.onnx: node 2, Gelu (act), exists only from operator set 20 on, and the graph imports set 17; export with set 20 to 22',
    )
  })
})
