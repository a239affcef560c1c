import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seedOf, smallPackage } from '@assay/engine/fixtures/small-tasks.ts'
import { type State, stateHash, stateRoot } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { expect } from 'chai'
import { openTraceFiles, type TraceFiles } from './trace-file.ts'

const STATES = 4

describe('traces on disk', () => {
  let dir: string
  let task: TaskPackage
  let traces: TraceFiles

  before(async () => {
    task = await smallPackage()
  })
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-traces-'))
    traces = openTraceFiles(dir)
  })
  afterEach(() => rm(dir, { recursive: true }))

  const scaled = (factor: number): State =>
    new Map([...task.init].map(([name, data]) => [name, data.map((value) => value * factor)]))
  const files = () => readdir(join(dir, 'traces'))

  it('are written as their states come, and named by their root', async () => {
    const state = scaled(0)
    async function* inOneMemory() {
      for (let i = 0; i < STATES; i++) {
        // Whoever kept what came before would see this one in its place.
        for (const [name, data] of scaled(i)) state.get(name)!.set(data)
        yield state
      }
    }
    const { spec } = task
    const expected = Array.from({ length: STATES }, (_, i) => stateHash(spec, scaled(i)))
    const written = await traces.write(spec, inOneMemory())
    expect(written.stateHashes).to.deep.equal(expected)
    expect(written.stateRoot).to.equal(stateRoot(expected))
    expect(await files()).to.deep.equal([written.stateRoot])
    for (let i = 0; i < STATES; i++) expect(await traces.read(written, spec, i)).to.deep.equal(scaled(i))
  })

  it('leave nothing behind when a state can not be made, and pass the reason on', async () => {
    const reason = new EngineRefusal('limit', `the sandbox ended (${seedOf('reason')})`)
    async function* failing() {
      yield task.init
      throw reason
    }
    const failure = await traces.write(task.spec, failing()).catch((error: unknown) => error)
    expect(failure).to.equal(reason)
    expect(await files()).to.deep.equal([])
  })

  it('hold no state that is not finite', async () => {
    const failure = await traces
      .write(task.spec, [task.init, scaled(Number.NaN)])
      .catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(EngineRefusal).with.property('code', 'state')
    expect(await files()).to.deep.equal([])
  })
})
