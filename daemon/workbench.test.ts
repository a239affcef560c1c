import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash, type Hash } from '@assay/engine/hash.ts'
import { createTask, writeTaskPackage } from '@assay/engine/node/task-package.ts'
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
    { from: 'assay-task-3', to: 'assay-task-2', says: 'task.json has the format assay-task-2, whose states' },
    {
      from: 'assay-task-3',
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
        const bench = openWorkbench({ ...place, getBlob: async () => taskJson })
        const error = await refusal(bench.package(specHash))
        expect(error).to.be.instanceOf(FatalDaemonError)
        expect(error.message).to.contain(`What is installed here can't work on this task: ${says}`)
        expect(error.message).to.contain('Go on with the version of Assay that the task was created with')
      }
    })
  }

  it('is told from a blob that a store gave instead of it: another try may help', async () => {
    const { taskJson } = await otherTask('assay-task-3', 'assay-task-2')
    const { specHash } = await createTask(smallTask())
    const bench = openWorkbench({ getBlob: async () => taskJson })
    const error = await refusal(bench.package(specHash))
    expect(error).to.not.be.instanceOf(FatalDaemonError)
    expect(error.message).to.contain(`task.json has hash ${blobHash(taskJson)}, ${specHash} was asked for`)
  })
})
