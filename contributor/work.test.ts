import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { updateBytes } from '@assay/engine/fixtures/update-bytes.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { writeDataset } from '@assay/engine/package/data.ts'
import { featuresOf, withFeatures } from '@assay/engine/package/features.ts'
import { type State, serializeState, stateHash } from '@assay/engine/package/state.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { checkWindowEvidence, makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import { expect } from 'chai'
import { type ContextOptions, makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'
import { openTraceFiles } from './trace-file.ts'
import { type Basis, borderOf, ensureWork } from './work.ts'
import type { Work } from './work-log.ts'

describe("a round's work", () => {
  let place: Workplace
  let basis: Basis
  const open: OpenContext[] = []

  beforeEach(async () => {
    place = await makeWorkplace()
    const { spec, init } = place.contents
    basis = {
      round: 1,
      baseModelHash: blobHash(serializeState(spec, init)),
      previousBeacon: seedOf('beacon'),
    }
  })

  afterEach(async () => {
    for (const context of open.splice(0)) await context.close()
    await place.remove()
  })

  async function openContext(options?: ContextOptions): Promise<OpenContext> {
    const opened = await place.open(options)
    open.push(opened)
    return opened
  }

  /** Ends one run and begins the next, as a restart does. */
  async function restart(options?: ContextOptions): Promise<OpenContext> {
    for (const old of open.splice(0)) await old.close()
    return openContext(options)
  }

  /** Trains honestly and counts how often. */
  function counting() {
    const counter = { trainings: 0, behaviour: {} as NonNullable<ContextOptions['behaviour']> }
    counter.behaviour.train = async (_work, honest) => {
      counter.trainings++
      return honest()
    }
    return counter
  }

  it('commits to the trained update, the trace, the data and the salt', async () => {
    const here = await openContext()
    const work = (await ensureWork(here, basis, 0))!
    const { spec } = place.contents
    const final = await borderOf(here, work, work.stateHashes.length - 1)
    expect(work.stateHashes).to.have.length(spec.steps / spec.commitEvery + 1)
    expect(work.updateHash).to.equal(blobHash(updateBytes(spec, final)))
    const { chainId, contracts } = here.reader.deployment
    const content = { ...work, chainId, rounds: contracts.rounds, contributor: here.account.address }
    expect(work.commitment).to.equal(submissionCommitment(content))
    expect(work.dataRoot).to.equal((await here.data()).root)
  })

  it('puts nothing of it into the store', async () => {
    const here = await openContext()
    const work = (await ensureWork(here, basis, 0))!
    expect(await here.store.has(work.updateHash)).to.equal(false)
    expect(await here.store.getRecord(`opening/${work.commitment}`)).to.equal(undefined)
  })

  it('trains once, whatever happens in between', async () => {
    const counter = counting()
    const before = await ensureWork(await openContext(counter), basis, 0)
    const again = await ensureWork(open[0]!, basis, 1)
    const after = await ensureWork(await restart(counter), basis, 2)
    expect(again).to.deep.equal(before)
    expect(after).to.deep.equal(before)
    expect(counter.trainings).to.equal(1)
  })

  it('makes the same commitment again when its database is lost', async () => {
    const before = (await ensureWork(await openContext(), basis, 0))!
    const after = (await ensureWork(await restart({ dataDir: join(place.dir, 'new data') }), basis, 0))!
    expect(after.commitment).to.equal(before.commitment)
  })

  it('salts differently for another key, chain, contract and round', async () => {
    const here = await openContext()
    const work = (await ensureWork(here, basis, 0))!
    const nextRound = (await ensureWork(here, { ...basis, round: 2 }, 0))!
    const { reader } = here
    const contracts = { ...reader.deployment.contracts, rounds: `0x${'b5'.repeat(20)}` as const }
    const others = [
      await openContext({ privateKey: seedOf('other key'), dataDir: join(place.dir, 'key') }),
      await openContext({
        deployment: { ...reader.deployment, chainId: 1 },
        dataDir: join(place.dir, 'chain'),
      }),
      await openContext({
        deployment: { ...reader.deployment, contracts },
        dataDir: join(place.dir, 'contract'),
      }),
    ]
    const salts = await Promise.all(others.map(async (other) => (await ensureWork(other, basis, 0))!.salt))
    expect(new Set([work.salt, nextRound.salt, ...salts]).size).to.equal(5)
  })

  it('trains again on another base or beacon, and keeps the earlier work', async () => {
    const here = await openContext()
    const work = (await ensureWork(here, basis, 0))!
    const other = (await ensureWork(here, { ...basis, previousBeacon: seedOf('another beacon') }, 0))!
    expect(other.commitment).to.not.equal(work.commitment)
    expect([work.sequence, other.sequence]).to.deep.equal([0, 1])
    expect(here.works.works(1n, 1)).to.deep.equal([work, other])
  })

  it('waits for a base model that nobody has put into the store yet', async () => {
    const here = await openContext()
    const { spec, init } = place.contents
    const model: State = new Map([...init].map(([name, data]) => [name, data.map((value) => value / 2)]))
    const bytes = serializeState(spec, model)
    const second = { ...basis, round: 2, baseModelHash: blobHash(bytes) }
    expect(await ensureWork(here, second, 0)).to.equal(undefined)
    expect(here.works.works(1n, 2)).to.deep.equal([])

    await here.store.put(bytes)
    const work = await ensureWork(here, second, 1)
    expect(work?.stateHashes[0]).to.equal(stateHash(spec, model))
  })

  for (const factor of [1e25, 1e12]) {
    it(`gives up at once on samples that make training diverge (${factor} × the others), and says so once`, async () => {
      const x = featuresOf(place.samples).map((value) => value * factor)
      const samples = withFeatures(place.samples, x)
      await writeFile(join(place.dir, 'shard.safetensors'), writeDataset(samples, place.contents.spec))
      const said: [object, string][] = []
      const listen = (context: OpenContext) => {
        context.log.error = ((facts: object, words: string) => void said.push([facts, words])) as never
        return context
      }
      const counter = counting()
      const here = listen(await openContext(counter))
      for (let block = 0; block < 3; block++) expect(await ensureWork(here, basis, block)).to.equal(undefined)
      expect(counter.trainings).to.equal(1)
      expect(said).to.have.length(1)
      const [facts, words] = said[0]!
      const largestFeature = Math.max(...x.map(Math.abs))
      expect(facts).to.include({ round: 1, largestFeature })
      expect(words).to.include(`here up to ${largestFeature}`).and.include('assay leave 1')

      expect(await ensureWork(here, { ...basis, round: 2 }, 0), 'the next round is tried').to.equal(undefined)
      expect(counter.trainings).to.equal(2)
      expect(said, 'once in a life').to.have.length(1)
      const restarted = listen(await restart(counter))
      expect(await ensureWork(restarted, basis, 4)).to.equal(undefined)
      expect(counter.trainings, 'known after a restart').to.equal(2)
      expect(restarted.works.works(1n, 1)).to.deep.equal([])
    })
  }

  it('is trained again after a failure that may pass', async () => {
    let failures = 1
    const behaviour: ContextOptions['behaviour'] = {
      train: async (_work, honest) => {
        if (failures-- > 0) throw new EngineRefusal('limit', "the task's graphs took longer than 60000 ms")
        return honest()
      },
    }
    const here = await openContext({ behaviour })
    const failure = await ensureWork(here, basis, 0).catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'limit')
    expect(await ensureWork(here, basis, 1)).to.have.property('round', 1)
  })

  it('answers for every window with evidence that passes', async () => {
    const here = await openContext()
    const work = (await ensureWork(here, basis, 0))!
    const { spec } = place.contents
    const { dataset, secret } = await here.data()
    const seed = batchSeed({
      taskId: 1n,
      round: 1n,
      contributor: here.account.address,
      previousBeacon: basis.previousBeacon,
    })
    const engine = await here.bench.engine(here.params.specHash)
    for (let window = 0; window < work.stateHashes.length - 1; window++) {
      const stateBefore = await borderOf(here, work, window)
      const { stateHashes, stateRoot, dataRoot } = work
      const evidence = makeWindowEvidence({
        spec,
        window,
        stateHashes,
        start: place.contents.init,
        stateBefore,
        data: dataset,
        secret,
        batchSeed: seed,
      })
      const result = await checkWindowEvidence({
        engine,
        evidence,
        window,
        round: 1,
        stateRoot,
        dataRoot,
        sampleCount: dataset.n,
        batchSeed: seed,
        start: place.contents.init,
        startHash: stateHashes[0]!,
        finalStateHash: stateHashes.at(-1)!,
      })
      expect(result, `window ${window}`).to.include({ ok: true })
    }
  })

  it('reads the states at the borders from disk, and trains again when they are lost or damaged', async () => {
    const counter = counting()
    const here = await openContext(counter)
    const work = (await ensureWork(here, basis, 0))!
    const { spec } = place.contents
    const path = join(here.config.dataDir, 'traces', work.stateRoot)
    expect(stateHash(spec, await borderOf(here, work, 2))).to.equal(work.stateHashes[2])
    expect(counter.trainings).to.equal(1)

    const damaged = await readFile(path)
    damaged[damaged.length >> 1]! ^= 0xff
    await writeFile(path, damaged)
    for (const border of [0, 1, 2, 3, 4]) {
      expect(stateHash(spec, await borderOf(here, work, border))).to.equal(work.stateHashes[border])
    }
    expect(counter.trainings).to.equal(2)

    await rm(path)
    expect(stateHash(spec, await borderOf(here, work, 4))).to.equal(work.stateHashes[4])
    expect(counter.trainings).to.equal(3)
  })

  it('says so when a training cannot be repeated', async () => {
    const here = await openContext()
    const work = (await ensureWork(here, basis, 0))!
    await rm(join(here.config.dataDir, 'traces', work.stateRoot))
    const forged = { ...work, previousBeacon: seedOf('wrong beacon') }
    const message = await borderOf(here, forged, 1).catch((error: Error) => error.message)
    expect(message).to.contain('cannot be repeated').and.contain('Restore')
  })

  it('never shows a state that was committed to by another hash, as an older version took it', async () => {
    const here = await openContext()
    const { spec } = place.contents
    const work = (await ensureWork(here, basis, 0))!
    const path = join(here.config.dataDir, 'traces', work.stateRoot)
    const trace = await readFile(path)
    const states = await Promise.all(work.stateHashes.map((_, border) => borderOf(here, work, border)))
    const old = { ...work, stateHashes: states.map((state) => blobHash(serializeState(spec, state))) }

    const message = await borderOf(here, old, 1).catch((error: Error) => error.message)
    expect(message).to.contain('cannot be repeated').and.contain('use the version that trained it')
    expect(await readFile(path)).to.deep.equal(trace)
  })

  it('keeps the newest traces while they fit, for windows of held rounds, and always the newest one', async () => {
    const here = await openContext()
    const { spec } = place.contents
    const works: Work[] = []
    for (const round of [1, 2, 3]) works.push((await ensureWork(here, { ...basis, round }, 0))!)
    const kept = async () => {
      const states = await Promise.all(works.map((work) => here.traces.read(work, spec, 0)))
      return states.map((state) => state !== undefined)
    }
    expect(await kept()).to.deep.equal([true, true, true])

    const roots = here.works.newestRoots(here.config.taskId)
    expect(roots).to.deep.equal(works.map((work) => work.stateRoot).reverse())
    const { size } = await stat(join(here.config.dataDir, 'traces', roots[0]!))
    await openTraceFiles(here.config.dataDir, 2 * size).keepNewest(roots)
    expect(await kept()).to.deep.equal([false, true, true])
    await openTraceFiles(here.config.dataDir, size - 1).keepNewest(roots)
    expect(await kept()).to.deep.equal([false, false, true])
    // The others are trained again when a window of theirs is drawn.
    expect(stateHash(spec, await borderOf(here, works[0]!, 2))).to.equal(works[0]!.stateHashes[2])
  })
})
