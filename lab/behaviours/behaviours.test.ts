import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ContextOptions,
  makeWorkplace,
  type OpenContext,
  type Workplace,
} from '@assay/contributor/fixtures/workplace.ts'
import { borderOf, ensureWork } from '@assay/contributor/work.ts'
import type { Work } from '@assay/contributor/work-log.ts'
import { seedOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { featuresOf } from '@assay/engine/package/features.ts'
import { writePool } from '@assay/engine/package/pool.ts'
import { type State, serializeState } from '@assay/engine/package/state.ts'
import { checkWindowEvidence, makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import { delta } from '@assay/engine/run/update.ts'
import { cosine } from '@assay/engine/vector.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import { expect } from 'chai'
import { playContributor } from './play.ts'

const WINDOWS = 4

describe('behaviours', () => {
  let place: Workplace
  let base: State
  const open: OpenContext[] = []

  beforeEach(async () => {
    place = await makeWorkplace()
    base = place.contents.init
  })
  afterEach(async () => {
    for (const context of open.splice(0)) await context.close()
    await place.remove()
  })

  const hashOf = (state: State) => blobHash(serializeState(place.contents.spec, state))

  async function openContext(
    name: string,
    {
      part = {},
      ...options
    }: ContextOptions & { part?: { parameter?: number; isAccomplice?: boolean; poolFile?: string } } = {},
  ): Promise<OpenContext> {
    const sharedDir = join(place.dir, 'shared')
    const behaviour = playContributor({ name, seed: seedOf('chance'), sharedDir, ...part })
    const opened = await place.open({ behaviour, dataDir: join(place.dir, name), ...options })
    open.push(opened)
    return opened
  }

  function work(here: OpenContext, round = 1, model = base, blocksSinceStart = 0): Promise<Work | undefined> {
    const previousBeacon = seedOf('beacon')
    return ensureWork(here, { round, baseModelHash: hashOf(model), previousBeacon }, blocksSinceStart)
  }

  async function stepOf(here: OpenContext, done: Work, from = base): Promise<Float32Array> {
    return delta(place.contents.spec, from, await borderOf(here, done, WINDOWS))
  }

  /** What a replay finds, by window. Whatever somebody invents has to fit its own commitment. */
  async function replays(here: OpenContext, done: Work): Promise<string[]> {
    const { spec } = place.contents
    const { dataset, secret } = await here.data()
    const { stateHashes, stateRoot, dataRoot, previousBeacon } = done
    const member = {
      taskId: 1n,
      round: BigInt(done.round),
      contributor: here.account.address,
      previousBeacon,
    }
    const seed = batchSeed(member)
    const engine = await here.bench.engine(here.params.specHash)
    const results: string[] = []
    for (let window = 0; window < WINDOWS; window++) {
      const start = await borderOf(here, done, 0)
      const stateBefore = await borderOf(here, done, window)
      const made = { spec, window, stateHashes, start, stateBefore, data: dataset, secret, batchSeed: seed }
      const claim = {
        window,
        round: done.round,
        stateRoot,
        dataRoot,
        sampleCount: dataset.n,
        batchSeed: seed,
      }
      const ends = { start, startHash: stateHashes[0]!, finalStateHash: stateHashes.at(-1)! }
      const evidence = makeWindowEvidence(made)
      const result = await checkWindowEvidence({ engine, evidence, ...claim, ...ends })
      results.push(result.ok ? 'ok' : result.kind)
    }
    return results
  }

  it('honest: passes every replay', async () => {
    const here = await openContext('honest')
    expect(await replays(here, (await work(here))!)).to.deep.equal(['ok', 'ok', 'ok', 'ok'])
  })

  it('sign-flip: steps the opposite way and lies in the last window only', async () => {
    const honest = await openContext('honest')
    const here = await openContext('sign-flip')
    const done = (await work(here))!
    expect(cosine(await stepOf(honest, (await work(honest))!), await stepOf(here, done))).to.be.below(-0.999)
    expect(await replays(here, done)).to.deep.equal(['ok', 'ok', 'ok', 'mismatch'])
  })

  it('bad-graph: changes one weight of an honest update, and lies in the last window only', async () => {
    const honest = await openContext('honest')
    const here = await openContext('bad-graph')
    const done = (await work(here))!
    const [expected, step] = [await stepOf(honest, (await work(honest))!), await stepOf(here, done)]
    const changed = [...step.keys()].filter((i) => step[i] !== expected[i])
    expect(changed).to.have.length(1)
    expect(step[changed[0]!]! - expected[changed[0]!]!).to.be.closeTo(1, 1e-6)
    expect(await replays(here, done)).to.deep.equal(['ok', 'ok', 'ok', 'mismatch'])
  })

  it('withhold: skips its share of the windows, others each round, and shows only those that it trained', async () => {
    const here = await openContext('withhold', { part: { parameter: 0.5 } })
    const shows = ({ stateHashes }: Work) =>
      Array.from({ length: WINDOWS }, (_, window) => here.behaviour.shouldShow!(window, stateHashes))
    const rounds = [(await work(here))!, (await work(here, 2))!, (await work(here, 3))!]
    for (const done of rounds) {
      expect(shows(done).filter(Boolean)).to.have.length(WINDOWS / 2)
      const found = await replays(here, done)
      shows(done).forEach((isShown, window) => {
        expect(found[window], `window ${window}`).to.equal(isShown ? 'ok' : 'mismatch')
      })
    }
    expect(new Set(rounds.map((done) => `${shows(done)}`)).size).to.be.above(1)
  })

  it('fake-work: trains its share, goes on as if it had trained the rest, and shows all of it', async () => {
    const here = await openContext('fake-work')
    expect(await replays(here, (await work(here))!)).to.deep.equal(['ok', 'ok', 'mismatch', 'mismatch'])
    expect(here.behaviour.shouldShow).to.equal(undefined)
  })

  it('gaussian: sends the same noise when asked again, and fails every replay', async () => {
    const here = await openContext('gaussian')
    const done = (await work(here))!
    const step = await stepOf(here, done)
    const deviation = Math.sqrt(step.reduce((sum, value) => sum + value * value, 0) / step.length)
    expect(deviation).to.be.within(0.014, 0.026)
    const again = await openContext('gaussian', { dataDir: join(place.dir, 'again') })
    expect((await work(again))!.commitment).to.equal(done.commitment)
    expect(await replays(here, done)).to.deep.equal(['mismatch', 'mismatch', 'mismatch', 'mismatch'])
  })

  it('gaussian: makes the noise as strong as it is told', async () => {
    const here = await openContext('gaussian', { part: { parameter: 0.2 } })
    const step = await stepOf(here, (await work(here))!)
    const deviation = Math.sqrt(step.reduce((sum, value) => sum + value * value, 0) / step.length)
    expect(deviation).to.be.within(0.14, 0.26)
  })

  it('zero: sends the base back', async () => {
    const here = await openContext('zero')
    const done = (await work(here))!
    expect(done.updateHash).to.equal(done.baseModelHash)
    expect(new Set(await replays(here, done))).to.deep.equal(new Set(['mismatch']))
  })

  it('no-open: commits, and keeps the update to itself', async () => {
    const here = await openContext('no-open')
    expect((await work(here))?.commitment).to.match(/^0x/)
    expect(here.behaviour.shouldOpen?.(1)).to.equal(false)
  })

  it('label-flip: commits to flipped labels, so that every replay passes', async () => {
    const here = await openContext('label-flip')
    const { dataset } = await here.data()
    expect([...dataset.y]).to.deep.equal([...place.samples.y].map((label) => 2 - label))
    expect(await replays(here, (await work(here))!)).to.deep.equal(['ok', 'ok', 'ok', 'ok'])
  })

  it('leaked-pool: enrols with samples of the pool, so that every replay passes', async () => {
    const here = await openContext('leaked-pool', { part: { poolFile: await leakPool() } })
    const { dataset } = await here.data()
    expect(dataset.n).to.equal(place.samples.n)
    expect(inPool(dataset)).to.equal(dataset.n)
    expect(await replays(here, (await work(here))!)).to.deep.equal(['ok', 'ok', 'ok', 'ok'])

    const without = await openContext('leaked-pool', { dataDir: join(place.dir, 'without') })
    expect(await without.data().catch((error: Error) => error.message)).to.contain('needs the file')
  })

  it('held-junk: trains at first and in the last round, and shows no window of the junk in between', async () => {
    const here = await openContext('held-junk', { part: { parameter: 1 } })
    const shows = (done: Work) => here.behaviour.shouldShow?.(0, done.stateHashes)
    const first = (await work(here))!
    expect(await replays(here, first)).to.deep.equal(['ok', 'ok', 'ok', 'ok'])
    const junk = (await work(here, 2))!
    expect(Math.max(...(await stepOf(here, junk)).map(Math.abs))).to.be.within(1e-5, 0.02)
    const last = (await work(here, here.params.maxRounds))!
    expect(await replays(here, last)).to.deep.equal(['ok', 'ok', 'ok', 'ok'])
    expect([first, junk, last].map(shows)).to.deep.equal([true, false, true])
  })

  it('leaked-noise, leaked-mix and leaked-shift: change the samples of the pool, or mix them with their own', async () => {
    const poolFile = await leakPool()
    const dataOf = async (name: string, parameter?: number) => {
      const part = { poolFile, ...(parameter === undefined ? {} : { parameter }) }
      const here = await openContext(name, { part, dataDir: join(place.dir, name) })
      return (await here.data()).dataset
    }
    const noisy = await dataOf('leaked-noise', 0.1)
    expect([noisy.n, inPool(noisy)]).to.deep.equal([place.samples.n, 0])
    expect(Math.min(...featuresOf(noisy)), 'kept within the range of a pixel').to.equal(0)
    const mixed = await dataOf('leaked-mix')
    expect([mixed.n, inPool(mixed)]).to.deep.equal([place.samples.n, place.samples.n / 2])
    const failure = await dataOf('leaked-shift').catch((error: Error) => error.message)
    expect(failure).to.contain('features are no square image')
  })

  /** The file of a pool that leaked. */
  async function leakPool(): Promise<string> {
    const poolFile = join(place.dir, 'leaked')
    await writeFile(poolFile, writePool(smallTask().pool, place.contents.spec))
    return poolFile
  }

  /** How many samples are the pool's. */
  function inPool(dataset: Dataset): number {
    const { samples } = smallTask().pool
    const own = new Set(Array.from({ length: samples.n }, (_, i) => sampleOf(samples, i)))
    return Array.from({ length: dataset.n }, (_, i) => sampleOf(dataset, i)).filter((one) => own.has(one))
      .length
  }

  it('resubmit: sends the last global step again, noise while there is none', async () => {
    const here = await openContext('resubmit')
    const first = (await work(here))!
    expect(Math.max(...(await stepOf(here, first)).map(Math.abs))).to.be.within(1e-4, 1e-2)

    const next: State = new Map(
      [...base].map(([name, data]) => [name, data.map((value, i) => value + 0.01 * (i % 7))]),
    )
    await here.store.put(serializeState(place.contents.spec, next))
    const second = (await work(here, 2, next))!
    const lastGlobalStep = delta(place.contents.spec, base, next)
    expect(cosine(await stepOf(here, second, next), lastGlobalStep)).to.be.above(0.999)
    expect(await replays(here, second)).to.deep.equal(['mismatch', 'mismatch', 'mismatch', 'mismatch'])
  })

  it('copy: waits a block, then sends its accomplice’s update with a little noise', async () => {
    const accomplice = await openContext('copy', {
      part: { isAccomplice: true },
      dataDir: join(place.dir, 'accomplice'),
    })
    const here = await openContext('copy', { privateKey: seedOf('copier') })
    expect(await work(here, 1, base, 1), 'nothing to copy yet').to.equal(undefined)
    const copied = (await work(accomplice))!
    expect(await replays(accomplice, copied)).to.deep.equal(['ok', 'ok', 'ok', 'ok'])
    expect(await work(here, 1, base, 0), 'too early').to.equal(undefined)

    const done = (await work(here, 1, base, 1))!
    expect(done.updateHash).to.not.equal(copied.updateHash)
    expect(cosine(await stepOf(here, done), await stepOf(accomplice, copied))).to.be.within(0.99, 0.9999)
    expect(new Set(await replays(here, done))).to.deep.equal(new Set(['mismatch']))
  })
})

function sampleOf(data: Dataset, i: number): string {
  const [x, { y, n }] = [featuresOf(data), data]
  const features = x.length / n
  return `${y[i]}: ${x.slice(i * features, (i + 1) * features)}`
}
