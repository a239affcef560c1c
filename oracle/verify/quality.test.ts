import type { State } from '@assay/engine/package/state.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { clusters, flipped } from '../../test/e2e/support/small-task.ts'
import {
  accountOf,
  ROUNDS,
  SEED,
  type StageScene,
  startStageScene,
  VALIDATOR,
} from '../fixtures/stage-scene.ts'
import { scoreAudited } from './quality.ts'

describe('stage S4', () => {
  let scene: StageScene

  before(async () => {
    scene = await startStageScene()
  })
  after(() => scene.stop())

  const draw = () => ({ beacon: SEED, taskId: 3n, round: 4, validator: VALIDATOR })
  const score = (audited: { contributor: `0x${string}`; final: State }[]) =>
    scoreAudited({
      engine: scene.engine,
      base: scene.base,
      holdout: scene.task.holdout,
      draw: draw(),
      audited,
    })

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
    const elsewhere = { ...draw(), validator: ROUNDS }
    const theirs = await scoreAudited({
      engine: scene.engine,
      base: scene.base,
      holdout: scene.task.holdout,
      draw: elsewhere,
      audited,
    })
    expect(theirs.get(owner.address)?.qualityBps).not.to.equal(mine?.qualityBps)
  })

  it('survives an update at the limits of what is finite', async () => {
    const final = new Map(
      [...scene.base].map(([name, data]) => [name, data.map((_, i) => (i % 2 ? 1e15 : -1e15))]),
    )
    const contributor = accountOf(46).address
    expect((await score([{ contributor, final }])).get(contributor)?.qualityBps).to.be.within(0, 10_000)
  })
})
