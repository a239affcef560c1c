import { drawUint } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  blobs,
  CLASSES,
  noiseVector,
  type PackageWithPool,
  poolOf,
  seedOf,
  smallPackage,
} from '../fixtures/small-tasks.ts'
import { openEngine } from '../node/session.ts'
import type { Dataset } from '../package/data.ts'
import type { State } from '../package/state.ts'
import type { Engine } from '../run/runner.ts'
import { train } from '../run/train.ts'
import { delta, unflatten } from '../run/update.ts'
import { norm } from '../vector.ts'
import { QUALITY, type QualityMeasure, qualityBps, referenceUpdate, scoreQuality } from './quality.ts'
import { rarityBps } from './rarity.ts'

const MEASURE: QualityMeasure = { id: 'a', rho: 0.8, agreement: 0.6, isZero: false, strataGains: [] }

describe('quality of updates (S4)', () => {
  let task: PackageWithPool
  let engine: Engine
  let honest: State

  before(async () => {
    task = await smallPackage({
      steps: 30,
      rootSteps: 30,
      personalSamples: 200,
      pool: poolOf(blobs(400, seedOf('pool'))),
    })
    engine = await openEngine(task)
    honest = await trained(blobs(100, seedOf('shard')))
  })

  after(async () => {
    await engine.close()
  })

  async function trained(data: Dataset): Promise<State> {
    return (await train({ engine, base: task.init, data, round: 1, batchSeed: seedOf('batches') })).final
  }

  function stepped(vector: Float32Array): State {
    const state = unflatten(task.spec, vector)
    for (const [name, part] of state) {
      state.set(
        name,
        part.map((value, i) => value + task.init.get(name)![i]!),
      )
    }
    return state
  }

  async function score(final: State, personal = 'personal') {
    const candidate = { id: 'a', final, personalSeed: seedOf(personal) }
    const { init: base, holdout } = task
    const judged = { engine, base, holdout, round: 1, rootSeed: seedOf('root'), candidates: [candidate] }
    return (await scoreQuality(judged))[0]!
  }

  it('is high for honest work', async () => {
    expect((await score(honest)).qualityBps).to.be.above(6_000)
  })

  it('is nothing for decoys: zero, noise, flipped sign, flipped labels (attacks 1, 2, 3, 10)', async () => {
    const update = delta(task.spec, task.init, honest)
    const noise = noiseVector(update.length, seedOf('noise'))
    const shard = blobs(100, seedOf('shard'))
    // With three classes, K − 1 − y would leave the middle one right.
    const flipped = { ...shard, y: shard.y.map((label) => (label + 1) % CLASSES) }
    const decoys: [string, State][] = [
      ['zero', task.init],
      ['noise', stepped(noise.map((value) => (value * norm(update)) / norm(noise)))],
      ['sign flip', stepped(update.map((value) => -value))],
      ['label flip', await trained(flipped)],
    ]
    for (const [name, final] of decoys) expect((await score(final)).qualityBps, name).to.equal(0)
  })

  it('does not grow with the length of an update (attack 9)', async () => {
    const update = delta(task.spec, task.init, honest)
    const plain = await score(honest)
    const tenfold = await score(stepped(update.map((value) => 10 * value)))
    expect(tenfold.agreement).to.be.closeTo(plain.agreement, 1e-6)
    expect(tenfold.qualityBps).to.be.closeTo(plain.qualityBps!, 1)
  })

  it('takes the gains from the personal sample, and depends on nobody else in the list', async () => {
    const [a, b] = [await score(honest), await score(honest, 'another')]
    expect(a.strataGains).not.to.deep.equal(b.strataGains)
    const candidates = [task.init, honest].map((final, i) => ({
      id: `${i}`,
      final,
      personalSeed: seedOf('personal'),
    }))
    const { init: base, holdout } = task
    const judged = { engine, base, holdout, round: 1, rootSeed: seedOf('root'), candidates }
    const scores = await scoreQuality(judged)
    expect({ ...scores[1], id: 'a' }).to.deep.equal(a)
  })

  it('credits the strata that an update improves', async () => {
    const { strataGains } = await score(honest)
    expect(strataGains).to.have.length(CLASSES)
    expect(strataGains.filter((gain) => gain > 0).length).to.be.at.least(2)
    for (const gain of strataGains) expect(gain).to.be.at.least(0)
  })

  it('compares with a reference of two halves that have no sample in common', async () => {
    const { init: base } = task
    const x = blobs(400, seedOf('pool'))
    const alike = await referenceUpdate({ engine, base, holdout: x, round: 1, seed: seedOf('root') })
    expect(alike.rho).to.be.within(0.5, 1)
    expect(norm(alike.vector)).to.be.above(0)
    expect(alike.baseLosses).to.have.length(400)
  })

  it('decides nothing where nobody can be told from anybody, but of an update that changes nothing', async () => {
    // Labels by chance: once a model says that it knows nothing, one half of them has nothing to teach about the other.
    const random = (samples: Dataset): Dataset => ({
      ...samples,
      y: samples.y.map((_, i) => drawUint(seedOf('labels'), i, CLASSES)),
    })
    const holdout = random(blobs(400, seedOf('pool')))
    const data = random(blobs(3_000, seedOf('far')))
    let base = task.init
    const next = async (label: string, round: number) =>
      (await train({ engine, base, data, round, batchSeed: seedOf(label, BigInt(round)) })).final
    for (let round = 1; round <= 10; round++) base = await next('before', round)
    const candidates = [await next('update', 11), base].map((final, i) => ({
      id: `${i}`,
      final,
      personalSeed: seedOf('personal'),
    }))
    const judged = { engine, base, holdout, round: 11, rootSeed: seedOf('root'), candidates }
    const [late, zero] = await scoreQuality(judged)
    expect(late!.rho).to.be.below(QUALITY.leastRho)
    expect(late!.qualityBps).to.equal(undefined)
    expect(zero!.qualityBps).to.equal(0)
  })
})

describe('quality of measurements', () => {
  it('follows agreement, as a share of what the age of the training leaves of it', () => {
    // 0.7 · 0.6 / (0.2 + 0.8 · 0.8), and 0.7 · 0.3 / (0.2 + 0.8 · 0.25).
    expect(qualityBps(MEASURE)).to.be.closeTo(5_000, 1)
    expect(qualityBps({ ...MEASURE, rho: 0.25, agreement: 0.3 })).to.be.closeTo(5_250, 1)
    expect(qualityBps({ ...MEASURE, agreement: 3 })).to.equal(10_000)
  })

  it('is nothing without agreement, where training has far to go', () => {
    for (const rho of [0.6, 0.8, 1]) {
      expect(qualityBps({ ...MEASURE, rho, agreement: 0.05 })).to.equal(0)
      expect(qualityBps({ ...MEASURE, rho, agreement: 0.051 })).to.be.above(0)
    }
    expect(qualityBps({ ...MEASURE, isZero: true, rho: 0, agreement: 0 })).to.equal(0)
  })

  it('is undecided between what clearly helps and what clearly points away', () => {
    const at = (rho: number, agreement: number) => qualityBps({ ...MEASURE, rho, agreement })
    expect(at(0.5, 0.049)).to.equal(undefined)
    expect(at(0.5, -0.149)).to.equal(undefined)
    expect(at(0.5, -0.151)).to.equal(0)
    expect(at(0.25, -0.6)).to.equal(undefined)
    expect(at(0.25, -0.7)).to.equal(0)
  })

  it('is undecided where the halves agree on nothing, and for what is not a number', () => {
    for (const agreement of [-1, 0, 0.5, 1]) {
      expect(qualityBps({ ...MEASURE, rho: 0.199, agreement })).to.equal(undefined)
      expect(qualityBps({ ...MEASURE, rho: Number.NaN, agreement })).to.equal(undefined)
    }
    expect(qualityBps({ ...MEASURE, agreement: Number.NaN })).to.equal(undefined)
  })

  it('never falls when agreement rises', () => {
    const rho = fc.double({ min: -1, max: 1, noNaN: true })
    const agreement = fc.double({ min: -2, max: 2, noNaN: true })
    fc.assert(
      fc.property(rho, agreement, agreement, (rho, a1, a2) => {
        const low = qualityBps({ ...MEASURE, rho, agreement: Math.min(a1, a2) })
        const high = qualityBps({ ...MEASURE, rho, agreement: Math.max(a1, a2) })
        // No decision lies between nothing and something.
        const rank = (quality: number | undefined) => (quality === undefined ? 0.5 : quality)
        expect(rank(low)).to.be.at.most(rank(high))
      }),
      { seed: 61, numRuns: 1000 },
    )
  })
})

describe('rarity', () => {
  const entry = (strataGains: number[], bps = 5_000) => ({ qualityBps: bps, strataGains })

  it('shares each stratum by gain: the only holder of a class takes its whole pie', () => {
    const rarities = rarityBps([entry([1, 1, 0]), entry([1, 1, 0]), entry([1, 1, 4])])
    expect(rarities).to.deep.equal([6_666, 6_666, 16_666])
  })

  it('pays nothing for noise, and noise changes nobody else', () => {
    const honest = [entry([1, 2]), entry([2, 1])]
    const withJunk = [...honest, entry([9, 9], 0), entry([9, 9], 0)]
    expect(rarityBps(withJunk)).to.deep.equal([...rarityBps(honest), 0, 0])
  })

  it('leaves out a stratum that nobody improves', () => {
    expect(rarityBps([entry([1, 0]), entry([1, 0])])).to.deep.equal([5_000, 5_000])
    expect(rarityBps([entry([0, 0])])).to.deep.equal([0])
    expect(rarityBps([])).to.deep.equal([])
  })

  it('stays in 0 … 2 and on average at most 1 among updates of worth', () => {
    const gains = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
    const scores = fc.array(fc.tuple(gains, fc.constantFrom(0, 1, 10_000)), { minLength: 1, maxLength: 16 })
    fc.assert(
      fc.property(scores, (list) => {
        const rarities = rarityBps(list.map(([strataGains, bps]) => entry(strataGains, bps)))
        const worthy = list.filter(([, bps]) => bps > 0).length
        for (const rarity of rarities) expect(rarity).to.be.within(0, 20_000)
        expect(rarities.reduce((sum, rarity) => sum + rarity, 0)).to.be.at.most(10_000 * worthy + worthy)
      }),
      { seed: 62, numRuns: 500 },
    )
  })
})
