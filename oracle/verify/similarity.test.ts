import { modelHash } from '@assay/engine/package/model.ts'
import type { State } from '@assay/engine/package/state.ts'
import { delta } from '@assay/engine/run/update.ts'
import { deriveSeed, drawIndices } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import type { HandMadeUpdate } from '../../test/e2e/support/hand-made-update.ts'
import { SEED, type StageScene, startStageScene } from '../fixtures/stage-scene.ts'
import { type Comparable, findRepeats } from './similarity.ts'

describe('stage S2', () => {
  let scene: StageScene

  before(async () => {
    scene = await startStageScene()
  })
  after(() => scene.stop())

  const comparable = (
    update: HandMadeUpdate,
    order: number,
    final = update.training.final,
    training: Comparable['training'] = 'proven',
  ): Comparable => ({
    contributor: update.account.address,
    order,
    training,
    modelHash: modelHash(scene.task.spec, final),
    vector: () => delta(scene.task.spec, scene.base, final),
  })

  it('lets updates of different data stand', async () => {
    const population = await Promise.all([31, 32, 33, 34, 35].map((n) => scene.make(n)))
    expect([
      ...findRepeats(
        population.map((update, i) => comparable(update, i)),
        [],
      ),
    ]).to.deep.equal([])
  })

  /** Whom S2 refuses when a thief copies the third update of five under noise, and commits as number `order`. */
  async function refusedBeside(
    order: number,
    ofThief: Comparable['training'],
    ofOthers: Comparable['training'],
  ) {
    const population = await Promise.all([31, 32, 33, 34, 35].map((n) => scene.make(n)))
    const thief = await scene.make(36)
    const copy = noisy(population[2]!.training.final, 0.05)
    const others = population.map((update, i) => comparable(update, i + 1, undefined, ofOthers))
    const repeats = findRepeats([...others, comparable(thief, order, copy, ofThief)], [])
    const reasons = [...repeats.values()].every((reason) =>
      reason.includes(`copy of ${population[2]!.account.address}`),
    )
    return { refused: [...repeats.keys()], reasons, thief: thief.account.address }
  }

  for (const order of [0, 9])
    it(`refuses a copy under noise that shows no training, committed as number ${order}`, async () => {
      const { refused, reasons, thief } = await refusedBeside(order, 'withheld', 'proven')
      expect(refused).to.deep.equal([thief])
      expect(reasons).to.equal(true)
    })

  it('refuses a later copy for which no window was drawn', async () => {
    const { refused, thief } = await refusedBeside(9, 'unseen', 'proven')
    expect(refused).to.deep.equal([thief])
  })

  it('never refuses an original because a copy was committed earlier', async () => {
    expect((await refusedBeside(0, 'unseen', 'proven')).refused).to.deep.equal([])
    expect((await refusedBeside(0, 'unseen', 'unseen')).refused).to.deep.equal([])
    expect((await refusedBeside(0, 'withheld', 'unseen')).refused).to.deep.equal([])
  })

  it('keeps the first of two equal states that show no training', async () => {
    const [first, second] = [await scene.make(31), await scene.make(36)]
    const twins = [
      comparable(second, 7, first.training.final, 'unseen'),
      comparable(first, 3, undefined, 'unseen'),
    ]
    expect([...findRepeats(twins, []).keys()]).to.deep.equal([second.account.address])
  })

  it('refuses a global step that is submitted again, with noise', async () => {
    const update = await scene.make(37)
    const step = delta(scene.task.spec, scene.base, (await scene.make(38)).training.final)
    const final = new Map([...scene.base].map(([name, data]) => [name, data.slice()]))
    let at = 0
    for (const data of final.values()) for (let i = 0; i < data.length; i++) data[i]! += step[at++]!
    const again = comparable(update, 0, noisy(final, 0.01))
    expect(findRepeats([again], [() => step]).get(update.account.address)).to.match(/last global steps/)
  })

  /** The state with noise on what was trained, of at most `size` of each change. */
  function noisy(state: State, size: number): State {
    return new Map(
      [...state].map(([name, data]) => {
        const noise = drawIndices(deriveSeed(SEED, name), data.length, 2 ** 16)
        const before = scene.base.get(name)!
        return [
          name,
          data.map((value, i) => value + size * Math.abs(value - before[i]!) * (noise[i]! / 2 ** 15 - 1)),
        ]
      }),
    )
  }
})
