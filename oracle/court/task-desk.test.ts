import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { createTask } from '@assay/engine/node/task-package.ts'
import { serializeState, stateHash } from '@assay/engine/package/state.ts'
import { isMissing } from '@assay/store/blob-store.ts'
import { type FileStore, openFileStore } from '@assay/store/file-store.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import type { ModelPlace } from '../models.ts'
import type { OracleContext } from '../oracle-context.ts'
import { atDeskOf } from './task-desk.ts'

describe('the desk of a case’s task', () => {
  let dir: string
  let store: FileStore

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-desk-'))
    store = await openFileStore({ dir })
  })
  after(() => rm(dir, { recursive: true }))

  /** An oracle of task 1. Task 2 has these parameters. */
  const contextOf = (params: object) =>
    ({
      store,
      config: { taskId: 1n },
      bench: 'its own bench',
      models: 'its own models',
      reader: {
        deployment: { contracts: {} },
        chain: {
          readContract: async ({ functionName }: { functionName: string }) =>
            functionName === 'paramsOf' ? params : 0n,
        },
      },
    }) as unknown as OracleContext

  it('is the oracle’s own in its own task', async () => {
    const { bench, models } = await atDeskOf(contextOf({}), 1n, async (desk) => desk)
    expect([bench, models]).to.deep.equal(['its own bench', 'its own models'])
  })

  it('has another task’s package and first model from the stores', async () => {
    const contents = smallTask()
    const task = await packageOf(contents)
    const { taskJson, files } = await createTask(contents)
    for (const file of [taskJson, ...files.values()]) await store.put(file)
    const { specHash, programRoot, spec, init } = task
    const found = await atDeskOf(contextOf({ programRoot }), 2n, async ({ bench, models }) => {
      const place = { taskId: 2n, params: { specHash } } as unknown as ModelPlace
      const first = await models.load(blobHash(serializeState(spec, init)), place)
      return [(await bench.package(specHash)).specHash, stateHash(spec, first)]
    })
    expect(found).to.deep.equal([specHash, stateHash(spec, init)])
  })

  it('refuses a package of another program, and says when no store has it', async () => {
    const { specHash } = await packageOf(smallTask())
    const refused = atDeskOf(contextOf({ programRoot: `0x${'77'.repeat(32)}` }), 2n, ({ bench }) =>
      bench.package(specHash),
    )
    expect(String(await refused.catch((error: unknown) => error))).to.include("The task's package is refused")
    const lost = atDeskOf(contextOf({ programRoot: zeroHash }), 2n, ({ bench }) => bench.package(zeroHash))
    expect(isMissing(await lost.catch((error: unknown) => error))).to.equal(true)
  })
})
