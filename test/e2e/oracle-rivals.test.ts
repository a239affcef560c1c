import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { readCohortResults } from '@assay/sdk/verbs/rounds/read-cohort-results.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { type RunningOracle, startOracle } from './support/herd.ts'
import {
  LONG_BLOCK_SECONDS,
  LONG_PHASES,
  openRound,
  playToOpen,
  publishAll,
  type Scene,
  startScene,
} from './support/scene.ts'

const MOST_BLOCKS = 150

/** An oracle, and what it ended with. */
type Life = { oracle: RunningOracle; end: Error | undefined }

describe('two oracles with one key in two folders', () => {
  let scene: Scene

  before(async () => {
    const seed = deriveSeed(zeroHash, 'oracle rivals')
    scene = await startScene({ seed, contributors: 3, params: LONG_PHASES })
  })
  after(() => scene.stop())

  const startAll = (name: string): Life[] =>
    scene.validators.map((validator, i) => ({
      oracle: startOracle(scene.oracleConfig(validator, `${name}-${i}`)),
      end: undefined,
    }))

  const nonces = () =>
    Promise.all(scene.validators.map(({ address }) => scene.chain.client.getTransactionCount({ address })))

  /** Mines a block, and waits until every oracle that lives has done what is due at it. */
  async function work(lives: Life[]): Promise<void> {
    const { number } = await scene.chain.mine(LONG_BLOCK_SECONDS)
    await Promise.all(
      lives.map(async (life) => {
        if (life.end !== undefined) return
        life.end = await life.oracle.idleAt(number!).then(
          () => undefined,
          (error: Error) => error,
        )
      }),
    )
  }

  it('notice each other within a round: the later ones end, and no duty is missed', async () => {
    await openRound(scene)
    const updates = await Promise.all([0, 1, 2].map((i) => scene.update(i)))
    await playToOpen(scene, updates)
    for (const update of updates) await publishAll(scene, update)
    const first = startAll('first')
    const { number } = await scene.chain.client.getBlock()
    await Promise.all(first.map(({ oracle }) => oracle.idleAt(number)))
    await scene.chain.mine()
    const before = await nonces()
    const second = startAll('second')
    const lives = [...first, ...second]
    const phase = async () => (await readRound(scene.reader, { taskId: scene.taskId })).phase
    for (let blocks = 0; (await phase()) !== 'Idle'; blocks++) {
      if (blocks === MOST_BLOCKS) throw new Error(`the round stays in ${await phase()}`)
      await work(lives)
    }
    // Whose only transaction was one of the round's last is noticed in the blocks after it.
    for (let blocks = 0; blocks < 3; blocks++) await work(lives)

    expect(first.map(({ end }) => end)).to.deep.equal(first.map(() => undefined))
    // Who had nothing to do in the round has nothing by which it could be noticed.
    const after = await nonces()
    const busy = second.filter((_, i) => after[i]! > before[i]!)
    expect(busy.length).to.be.at.least(3)
    expect(second.filter(({ end }) => end !== undefined)).to.deep.equal(busy)
    for (const { end } of busy) {
      expect(end).to.be.instanceOf(FatalDaemonError)
      expect(end?.message).to.include('Another daemon with the key of').and.include('so the later one ends')
    }
    for (const { address } of scene.validators) {
      const at = { taskId: scene.taskId, validator: address }
      expect((await readValidator(scene.reader, at)).missedRounds).to.equal(0)
    }
    const [cohort] = await readCohortResults(scene.reader, { taskId: scene.taskId, round: 1 })
    expect(cohort?.results.map(({ outcome }) => outcome)).to.deep.equal(updates.map(() => 'audited'))
    await Promise.all(lives.filter(({ end }) => end === undefined).map(({ oracle }) => oracle.stop()))
  })
})
