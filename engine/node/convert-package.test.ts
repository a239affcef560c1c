import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { smallTask } from '../fixtures/small-tasks.ts'
import { blobHash } from '../hash.ts'
import { canonicalJson } from '../package/canonical-json.ts'
import { writeDataset } from '../package/data.ts'
import { featuresOf } from '../package/features.ts'
import { swapNames } from '../package/rename-values.ts'
import type { Grid } from '../package/sample-spec.ts'
import { parseTaskSpec } from '../package/task-spec.ts'
import { convertPackage } from './convert-package.ts'
import { createTask, readPoolFile, readTaskPackage } from './task-package.ts'

let dir: string
const old = () => join(dir, 'old')

type OldFormat = 'assay-task-1' | 'assay-task-2' | 'assay-task-3'
/** What it gave beside the losses was named otherwise. */
const OLD_EVAL_GRAPH = swapNames(smallTask().evalGraph, 'metrics', 'correct')
type Change = (spec: Record<string, unknown>) => object

/** Writes the small task as a package of an older format. */
async function writeOld(format: OldFormat, change: Change = (spec) => spec): Promise<void> {
  const { predictGraph: _graph, ...contents } = smallTask()
  const { taskJson, files } = await createTask(contents)
  const { pool, stateChunkBytes, inputs, target, ...present } = parseTaskSpec(taskJson).spec
  const { schedule: _, strata: __, loss: ___, metric: ____, ...spec } = present
  const all = new Map<string, Uint8Array>(files).set('eval.onnx', OLD_EVAL_GRAPH)
  if (format === 'assay-task-1')
    all.set('data/holdout.safetensors', writeDataset(smallTask().pool.samples, { inputs, target }))
  const named = Object.fromEntries(
    [...all].map(([name, bytes]) => [name, { sha256: blobHash(bytes), bytes: bytes.length }]),
  )
  await mkdir(join(old(), 'data'), { recursive: true })
  for (const [name, bytes] of all) await writeFile(join(old(), name), bytes)
  const { strataCounts: classCounts, ...rest } = pool
  const json = change({
    ...spec,
    input: { shape: inputs[0]!.shape },
    target: { classes: 3 },
    strata: 3,
    learningRate: '0.1',
    ...(format !== 'assay-task-1' && { pool: { ...rest, classCounts } }),
    ...(format === 'assay-task-3' && { stateChunkBytes }),
    format,
    files: named,
  })
  await writeFile(join(old(), 'task.json'), canonicalJson(JSON.parse(JSON.stringify(json))))
}

async function refusal(out = 'new'): Promise<Error & { code: string }> {
  return convertPackage(old(), join(dir, out)).then(
    () => Object.assign(new Error('it was converted'), { code: 'none' }),
    (error) => error,
  )
}

describe('a package of the oldest format', () => {
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-convert-'))
    await writeOld('assay-task-1')
  })
  afterEach(() => rm(dir, { recursive: true }))

  it('is refused, and the command that converts it named', async () => {
    const error = await readTaskPackage(old()).catch((thrown) => thrown)
    expect(error).to.have.property('code', 'format')
    expect(error.message).to.contain('task.json has the format assay-task-1')
    expect(error.message).to.contain('assay package convert <folder> <new-folder>')
  })

  it('is converted: the same graphs and weights, and the pool in a file that only its owner reads', async () => {
    const { converted, packageDir, poolFile } = await convertPackage(old(), join(dir, 'new'))
    const { init, stepGraph, evalGraph, spec } = await readTaskPackage(packageDir)
    const before = smallTask()
    expect(init).to.deep.equal(before.init)
    for (const [name, graph] of [
      ['step.onnx', before.stepGraph],
      ['eval.onnx', before.evalGraph],
    ] as const) {
      expect(spec.files[name].sha256).to.equal(blobHash(graph))
    }
    expect([stepGraph, evalGraph]).to.deep.equal([converted.stepGraph, converted.evalGraph])
    expect((await readPoolFile(poolFile!, spec)).samples).to.deep.equal(before.pool.samples)
    expect((await stat(poolFile!)).mode & 0o777).to.equal(0o600)
    const held = await Promise.all(
      ['task.json', 'step.onnx', 'eval.onnx', 'init.safetensors'].map((name) =>
        readFile(join(packageDir, name)),
      ),
    )
    const sample = Buffer.from(featuresOf(before.pool.samples).slice(0, 4).buffer)
    for (const bytes of held) expect(bytes.includes(sample)).to.equal(false)
  })

  it('says how its features lie in space, if its owner does now', async () => {
    const grid: Grid = { height: 2, width: 4, channels: 1, order: 'channels-last' }
    const { packageDir } = await convertPackage(old(), join(dir, 'new'), { grid })
    expect((await readTaskPackage(packageDir)).spec.inputs).to.deep.equal([
      { name: 'x', dtype: 'float32', shape: [8], grid },
    ])

    const wrong = { grid: { ...grid, width: 3 } }
    const error = await convertPackage(old(), join(dir, 'wrong'), wrong).catch((thrown) => thrown)
    expect(error.message).to.contain(
      'x.grid: 2 × 3 × 1 (height, width, channels) are 6 values, a sample has 8',
    )
  })

  it('gets another salt each time, so that the root tells nobody which samples it holds', async () => {
    const [one, two] = [
      await convertPackage(old(), join(dir, 'one')),
      await convertPackage(old(), join(dir, 'two')),
    ]
    expect(one.converted.spec.pool.root).to.not.equal(two.converted.spec.pool.root)
  })

  it('is not written into a folder that has something in it', async () => {
    await mkdir(join(dir, 'new'))
    await writeFile(join(dir, 'new', 'notes.txt'), '')
    expect((await refusal()).message).to.contain('is not empty (it has notes.txt): name a new folder')
  })

  it('is refused when it is none, of another engine, or not what its own task.json says', async () => {
    await appendFile(join(old(), 'data/holdout.safetensors'), 'x')
    expect((await refusal()).message).to.match(
      /^data\/holdout\.safetensors has sha256 0x\w+, task\.json says 0x/,
    )
    await writeOld('assay-task-1', (spec) => ({ ...spec, format: 'assay-task-0' }))
    expect((await refusal()).message).to.equal(
      'task.json has the format assay-task-0; converted are assay-task-1, assay-task-2 and assay-task-3',
    )
    await writeOld('assay-task-1', (spec) => ({ ...spec, files: {} }))
    expect((await refusal()).message).to.contain(
      'files: task.json of the format assay-task-1 gives sha256 and bytes of step.onnx, ',
    )
    await writeOld('assay-task-1', (spec) => ({
      ...spec,
      engine: { ...(spec.engine as object), version: '1.29.0' },
    }))
    expect(await refusal()).to.have.property('code', 'engine')
    await writeOld('assay-task-1', (spec) => ({ ...spec, extra: 1 }))
    expect((await refusal()).message).to.contain('extra')
    await writeOld('assay-task-1', (spec) => ({ ...spec, batchSize: 5 }))
    expect((await refusal()).message).to.match(
      /^step\.onnx: input x has shape \[4,8\], task\.json says \[5,8\]/,
    )
    await writeOld('assay-task-1', (spec) => ({ ...spec, target: { classes: 2 }, strata: 2 }))
    expect(await refusal()).to.have.property('code', 'data')
    await writeFile(join(old(), 'task.json'), '[')
    expect((await refusal()).message).to.contain('task.json is not JSON')
    expect(await readdir(dir)).to.deep.equal(['old'])
    await rm(join(old(), 'task.json'))
    expect((await refusal()).message).to.contain("task.json can't be read")
  })

  it('is refused when its data is a symbolic link', async () => {
    await rename(join(old(), 'data'), join(dir, 'moved'))
    await symlink(join(dir, 'moved'), join(old(), 'data'))
    expect((await refusal()).message).to.contain('data is not a folder: symbolic links are refused')
  })
})

for (const format of ['assay-task-2', 'assay-task-3'] as const)
  describe(`a package of the format ${format}`, () => {
    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), 'assay-convert-'))
      await writeOld(format)
    })
    afterEach(() => rm(dir, { recursive: true }))

    it('is refused, and the command that converts it named', async () => {
      const error = await readTaskPackage(old()).catch((thrown) => thrown)
      expect(error).to.have.property('code', 'format')
      expect(error.message).to.contain(`task.json has the format ${format}, whose`)
      expect(error.message).to.contain('assay package convert <folder> <new-folder>')
    })

    it('is converted: it keeps its graphs, its weights and its pool, whose file stays where it is', async () => {
      const { converted, packageDir, poolFile } = await convertPackage(old(), join(dir, 'new'))
      const { specHash, spec, init } = await readTaskPackage(packageDir)
      const { predictGraph: _graph, ...contents } = smallTask()
      const { taskJson } = await createTask(contents)
      expect(poolFile).to.equal(undefined)
      expect(await readdir(join(dir, 'new'))).to.deep.equal(['package'])
      expect([specHash, init]).to.deep.equal([converted.specHash, smallTask().init])
      expect(spec).to.deep.equal({ ...parseTaskSpec(taskJson).spec, loss: { name: 'loss' } })
    })

    it('gives the same package each time', async () => {
      const [one, two] = [
        await convertPackage(old(), join(dir, 'one')),
        await convertPackage(old(), join(dir, 'two')),
      ]
      expect(one.converted.specHash).to.equal(two.converted.specHash)
    })

    it('is refused with a pool that it does not describe, or once it is of the present format', async () => {
      await writeOld(format, ({ pool: _, ...spec }) => spec)
      expect((await refusal()).message).to.contain('pool: ')
      await writeOld(format, (spec) => ({ ...spec, format: 'assay-task-4' }))
      expect((await refusal()).message).to.contain('task.json has the format assay-task-4; converted are')
    })
  })
