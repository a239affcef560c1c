import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seedOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash, type Hash } from '@assay/engine/hash.ts'
import { createTask, writeTaskFiles, writeTaskPackage } from '@assay/engine/node/task-package.ts'
import type { EncodedTask } from '@assay/engine/package/package-check.ts'
import { NO_PROGRAM } from '@assay/sdk/protocol/program.ts'
import { expect } from 'chai'
import { FatalDaemonError } from './errors.ts'
import { openWorkbench } from './workbench.ts'

/** The small task, but for one word of its task.json. */
async function otherTask(from: string, to: string): Promise<{ taskJson: Uint8Array; specHash: Hash }> {
  const { taskJson } = await createTask(smallTask())
  const text = new TextDecoder().decode(taskJson)
  expect(text).to.contain(from)
  const changed = new TextEncoder().encode(text.replace(from, to))
  return { taskJson: changed, specHash: blobHash(changed) }
}

async function refusal(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('nothing was refused'),
    (error) => error,
  )
}

describe('the package of a task for another version of the program', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-workbench-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  const cases = [
    { from: 'assay-task-4', to: 'assay-task-2', says: 'task.json has the format assay-task-2, whose states' },
    {
      from: 'assay-task-4',
      to: 'assay-task-99',
      says: 'task.json has the format assay-task-99, this program',
    },
    {
      from: '"version":"1.30.0"',
      to: '"version":"1.29.0"',
      says: 'task is pinned to onnxruntime-web 1.29.0',
    },
  ]
  for (const { from, to, says } of cases) {
    it(`ends a daemon, because no other try can help: ${to}`, async () => {
      const { taskJson, specHash } = await otherTask(from, to)
      await writeTaskPackage(dir, smallTask())
      await writeFile(join(dir, 'task.json'), taskJson)
      for (const place of [{ packageDir: dir }, {}]) {
        const bench = openWorkbench({ ...place, programRoot: NO_PROGRAM, getBlob: async () => taskJson })
        const error = await refusal(bench.package(specHash))
        expect(error).to.be.instanceOf(FatalDaemonError)
        expect(error.message).to.contain(`What is installed here can't work on this task: ${says}`)
        expect(error.message).to.contain('Go on with the version of Assay that the task was created with')
      }
    })
  }

  it('is told from a blob that a store gave instead of it: another try may help', async () => {
    const { taskJson } = await otherTask('assay-task-4', 'assay-task-2')
    const { specHash } = await createTask(smallTask())
    const bench = openWorkbench({ programRoot: NO_PROGRAM, getBlob: async () => taskJson })
    const error = await refusal(bench.package(specHash))
    expect(error).to.not.be.instanceOf(FatalDaemonError)
    expect(error.message).to.contain(`task.json has hash ${blobHash(taskJson)}, ${specHash} was asked for`)
  })
})

describe("the package on a daemon's workbench", () => {
  let dir: string
  let task: EncodedTask
  let blobs: Map<Hash, Uint8Array>
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-workbench-'))
    task = await createTask(smallTask())
    await writeTaskFiles(dir, task)
    blobs = new Map([task.taskJson, ...task.files.values()].map((bytes) => [blobHash(bytes), bytes]))
  })
  after(() => rm(dir, { recursive: true }))

  const getBlob = async (hash: Hash) => blobs.get(hash)!
  const open = (programRoot: Hash, packageDir?: string) =>
    openWorkbench({ programRoot, packageDir, getBlob }).package(task.specHash)

  it('is taken from its folder and from the store if the task names its program, or none', async () => {
    const { programRoot } = await open(NO_PROGRAM, dir)
    for (const packageDir of [undefined, dir])
      for (const named of [programRoot, NO_PROGRAM])
        expect(await open(named, packageDir)).to.include({ specHash: task.specHash, programRoot })
  })

  it('is refused for good if the task names another program, with both and the fix', async () => {
    const { programRoot } = await open(NO_PROGRAM)
    const other = seedOf('another program')
    for (const packageDir of [undefined, dir]) {
      const error = await open(other, packageDir).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(FatalDaemonError)
      expect(`${error}`)
        .to.include(`step.onnx has the program root ${programRoot}, but the task on chain names ${other}`)
        .and.include('Choose another task')
    }
  })

  it('is refused if the folder holds that of another task', async () => {
    const bench = openWorkbench({ programRoot: NO_PROGRAM, packageDir: dir, getBlob })
    const { message } = await refusal(bench.package(seedOf('another task')))
    expect(message).to.include(
      `has the spec hash ${task.specHash}, the task on chain ${seedOf('another task')}`,
    )
  })
})
