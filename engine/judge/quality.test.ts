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
import { type QualityMeasure, qualityBps, referenceUpdate, scoreQuality } from './quality.ts'
import { rarityBps } from './rarity.ts'

const MEASURE: QualityMeasure = {
  id: 'a',
  gain: 0.02,
  gainError: 0.001,
  referenceGain: 0.04,
  agreement: 0.4,
  strataGains: [],
}

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
    expect(tenfold.qualityBps).to.be.at.most(Math.min(10_000, plain.qualityBps + 2_500))
  })

  it('depends on the personal sample, and on nobody else in the list', async () => {
    const [a, b] = [await score(honest), await score(honest, 'another')]
    expect(a.gain).not.to.equal(b.gain)
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

  it('compares with a reference of two halves', async () => {
    const { init: base, holdout } = task
    const reference = await referenceUpdate({ engine, base, holdout, round: 1, seed: seedOf('root') })
    expect(reference.expectedAgreement).to.be.within(0.1, 1)
    expect(norm(reference.vector)).to.be.above(0)
  })
})

describe('quality of measurements', () => {
  it('weighs gain and agreement', () => {
    expect(qualityBps(MEASURE)).to.equal(7_000)
    expect(qualityBps({ ...MEASURE, gain: 1, agreement: 1 })).to.equal(10_000)
  })

  it('falls with proven harm, to nothing', () => {
    const harmful = (errors: number) => qualityBps({ ...MEASURE, gain: -errors * MEASURE.gainError })
    expect(harmful(0)).to.equal(4_000)
    expect(harmful(2)).to.equal(2_000)
    expect(harmful(4)).to.equal(0)
    expect(harmful(100)).to.equal(0)
  })

  it('is nothing without agreement, and for what is not a number', () => {
    expect(qualityBps({ ...MEASURE, agreement: 0.049 })).to.equal(0)
    expect(qualityBps({ ...MEASURE, agreement: Number.NaN })).to.equal(0)
    expect(qualityBps({ ...MEASURE, gain: Number.NaN })).to.equal(0)
    expect(qualityBps({ ...MEASURE, gainError: Number.NaN })).to.equal(0)
  })

  it('counts any gain in full where the reference has none', () => {
    expect(qualityBps({ ...MEASURE, referenceGain: -0.1 })).to.equal(10_000)
    expect(qualityBps({ ...MEASURE, referenceGain: 0, gain: -0.001 })).to.equal(3_000)
  })

  it('never falls when gain or agreement rises', () => {
    const gain = fc.double({ min: -0.1, max: 0.1, noNaN: true })
    const agreement = fc.double({ min: -1, max: 2, noNaN: true })
    fc.assert(
      fc.property(gain, gain, agreement, agreement, (g1, g2, a1, a2) => {
        const low = qualityBps({ ...MEASURE, gain: Math.min(g1, g2), agreement: Math.min(a1, a2) })
        const high = qualityBps({ ...MEASURE, gain: Math.max(g1, g2), agreement: Math.max(a1, a2) })
        expect(low).to.be.at.most(high)
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
