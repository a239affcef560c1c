import { lookupByWeight, poisoned } from '@assay/engine/fixtures/poisoned-graphs.ts'
import { QUALITY } from '@assay/engine/judge/quality.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import type { State } from '@assay/engine/package/state.ts'
import { norm } from '@assay/engine/vector.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { personalSeed, rootSeed } from '@assay/sdk/protocol/sampling.ts'
import { expect } from 'chai'
import type { Address } from 'viem'
import { clusters, flipped } from '../../test/e2e/support/small-task.ts'
import {
  accountOf,
  ROUNDS,
  SEED,
  type StageScene,
  startStageScene,
  VALIDATOR,
} from '../fixtures/stage-scene.ts'
import { measureUpdate, referenceOrFault, type Scores, scoresOf } from './quality.ts'

describe('stage S4', () => {
  let scene: StageScene

  before(async () => {
    scene = await startStageScene()
  })
  after(() => scene.stop())

  const draw = { beacon: SEED, taskId: 3n, round: 4, validator: VALIDATOR as Address }
  async function score(audited: { contributor: Address; final: State }[], by = draw) {
    const ground = { engine: scene.engine, base: scene.base, holdout: scene.task.holdout }
    const reference = await referenceOrFault({ ...ground, round: by.round }, rootSeed(by))
    if ('fault' in reference) throw new Error(reference.fault)
    const measured = await Promise.all(
      audited.map(({ contributor, final }) => {
        const seed = personalSeed({ ...by, contributor })
        return measureUpdate({ ...ground, reference }, { id: contributor, final, personalSeed: seed })
      }),
    )
    const scores = scoresOf(measured)
    return new Map<Address, Scores | undefined>(audited.map(({ contributor }, i) => [contributor, scores[i]]))
  }

  it('pays what helps and not what harms or does nothing', async () => {
    const [honest, other] = [await scene.make(41), await scene.make(42)]
    const liar = await scene.make(43, { data: flipped(clusters(deriveSeed(SEED, 'flipped'), 60)) })
    const contributors = { honest, other, liar }
    const audited = Object.values(contributors).map(({ account: { address }, training }) => ({
      contributor: address,
      final: training.final,
    }))
    const zero = { contributor: accountOf(44).address, final: scene.base }
    const scores = await score([...audited, zero])
    expect(scores.get(honest.account.address)?.qualityBps).to.be.greaterThan(4_000)
    expect(scores.get(other.account.address)?.qualityBps).to.be.greaterThan(4_000)
    expect(scores.get(honest.account.address)?.rarityBps).to.be.within(1, 20_000)
    // An untrained base can be improved a little even by training on false labels.
    expect(scores.get(liar.account.address)?.qualityBps).to.be.lessThan(4_000)
    expect(scores.get(zero.contributor)).to.deep.equal({ qualityBps: 0, rarityBps: 0 })
  })

  it('gives the same integers every time, and others to another validator', async () => {
    const data = clusters(deriveSeed(SEED, 'half wrong'), 60)
    const half = { ...data, y: data.y.map((label, i) => (i % 2 === 0 ? label : (label + 1) % 4)) }
    const { account: owner, training } = await scene.make(45, { data: half })
    const audited = [{ contributor: owner.address, final: training.final }]
    const mine = (await score(audited)).get(owner.address)
    expect((await score(audited)).get(owner.address)).to.deep.equal(mine)
    const theirs = await score(audited, { ...draw, validator: ROUNDS })
    expect(theirs.get(owner.address)?.qualityBps).not.to.equal(mine?.qualityBps)
  })

  it('finds whose fault it is that a graph fails: who sent the weights that it fails on, or the task', async () => {
    const { base, task } = scene
    const ground = { engine: scene.engine, base, holdout: task.holdout }
    const reference = await referenceOrFault({ ...ground, round: draw.round }, rootSeed(draw))
    if ('fault' in reference) throw new Error(reference.fault)
    const [name] = [...base.keys()] as [string]
    const weights = base.get(name)!
    const largest = weights.reduce((a, b) => Math.max(a, b))
    // Half of what a step that only raises the largest weight adds to it.
    const limit = largest + 0.5 * QUALITY.step * QUALITY.clip * norm(reference.vector)
    const raised = new Map(base).set(
      name,
      weights.map((value) => (value === largest ? 1e6 : value)),
    )
    const contributor = accountOf(47).address
    const candidate = { id: contributor, personalSeed: personalSeed({ ...draw, contributor }) }
    const kindsAt = async (at: number) => {
      const engine = await openEngine(poisoned(task, { evaluation: lookupByWeight(name, at) }))
      try {
        const measure = (final: State) =>
          measureUpdate({ ...ground, engine, reference }, { ...candidate, final })
        const honest = (await scene.make(47)).training.final
        return [(await measure(raised)).kind, (await measure(honest)).kind]
      } finally {
        await engine.close()
      }
    }
    expect(await kindsAt(limit)).to.deep.equal(['update fails', 'scored'])
    expect(await kindsAt(largest), 'on the base model too').to.deep.equal(['task fails', 'scored'])
    const engine = await openEngine(poisoned(task, { evaluation: lookupByWeight(name, largest) }))
    try {
      const found = await referenceOrFault({ ...ground, engine, round: draw.round }, rootSeed(draw))
      expect('fault' in found && found.fault).to.contain('eval.onnx failed')
    } finally {
      await engine.close()
    }
  })

  it('survives an update at the limits of what is finite', async () => {
    const final = new Map(
      [...scene.base].map(([name, data]) => [name, data.map((_, i) => (i % 2 ? 1e15 : -1e15))]),
    )
    const contributor = accountOf(46).address
    expect((await score([{ contributor, final }])).get(contributor)?.qualityBps).to.be.within(0, 10_000)
  })
})
