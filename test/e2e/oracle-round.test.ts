import { cohortMembers } from '@assay/sdk/cohorts.ts'
import { deriveSeed } from '@assay/sdk/random.ts'
import { readCohortResults } from '@assay/sdk/verbs/read-cohort-results.ts'
import { readRound } from '@assay/sdk/verbs/read-round.ts'
import { readSubmissions } from '@assay/sdk/verbs/read-submissions.ts'
import { readValidator } from '@assay/sdk/verbs/read-validator.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import type { HandMadeUpdate } from './support/hand-made-update.ts'
import { allIdle, type RunningOracle, startOracle } from './support/herd.ts'
import { openRound, playToOpen, publishAll, type Scene, startScene } from './support/scene.ts'

const BLOCK_SECONDS = 5
const MOST_BLOCKS = 150

describe('oracles in a round', function () {
  this.timeout(60_000)
  let scene: Scene

  beforeEach(async () => {
    scene = await startScene({ seed: deriveSeed(zeroHash, 'oracle round'), contributors: 6 })
  })

  afterEach(() => scene.stop())

  const round = () => readRound(scene.reader, { taskId: scene.taskId })

  /** Mines until the round is closed, waiting for the oracles at each block; `restart` may exchange them. */
  async function playOut(
    oracles: RunningOracle[],
    between?: (phase: string) => Promise<void>,
  ): Promise<string[]> {
    const phases: string[] = []
    for (let i = 0; i < MOST_BLOCKS; i++) {
      const block = await scene.chain.mine(BLOCK_SECONDS)
      await allIdle(oracles, block.number!)
      const { phase } = await round()
      if (phases.at(-1) !== phase) phases.push(phase)
      if (phase === 'Idle') return phases
      await between?.(phase)
    }
    throw new Error(`the round does not end: ${phases.join(' → ')}`)
  }

  it('close it by themselves, pay honest work and catch each kind of cheat', async () => {
    await openRound(scene)
    const honest = await Promise.all([0, 1, 2].map((i) => scene.update(i)))
    const faked = await scene.update(3, { fakeFinal: honest[0]!.training.final })
    const broken = await scene.update(4, { blob: new Uint8Array(64) })
    const silent = await scene.update(5)
    const updates = [...honest, faked, broken, silent]
    await playToOpen(scene, updates)
    for (const update of updates.slice(0, -1)) await publishAll(scene, update)

    const oracles = scene.validators.map((validator, i) =>
      startOracle(scene.oracleConfig(validator, `oracle-${i}`)),
    )
    const phases = await playOut(oracles)
    await Promise.all(oracles.map((oracle) => oracle.stop()))

    expect(phases).to.deep.equal([
      'Open',
      'Commit',
      'Reveal',
      'RedrawCommit',
      'CohortVote',
      'RootVote',
      'FinalizeDue',
      'Idle',
    ])
    const outcomes = await outcomesOf(updates)
    expect(outcomes.slice(0, 3).map(({ outcome }) => outcome)).to.deep.equal([
      'audited',
      'audited',
      'audited',
    ])
    for (const { qualityBps, provenSteps, computePay } of outcomes.slice(0, 3)) {
      expect(qualityBps).to.be.greaterThan(0)
      expect(provenSteps).to.equal(5)
      expect(computePay > 0n).to.equal(true)
    }
    expect(outcomes.slice(3).map(({ outcome }) => outcome)).to.deep.equal(['failed', 'failed', 'failed'])

    const after = await round()
    expect(after.baseModelHash).not.to.equal(honest[0]!.opening.baseModelHash)
    expect(await scene.store.has(after.baseModelHash)).to.equal(true)
    for (const { address } of scene.validators) {
      const { missedRounds } = await readValidator(scene.reader, { taskId: scene.taskId, validator: address })
      expect(missedRounds).to.equal(0)
    }
  })

  it('lose nothing when all of them are restarted in every phase', async () => {
    await openRound(scene)
    const updates = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => scene.update(i)))
    await playToOpen(scene, updates)
    for (const update of updates) await publishAll(scene, update)

    const start = () =>
      scene.validators.map((validator, i) => startOracle(scene.oracleConfig(validator, `oracle-${i}`)))
    const oracles = start()
    const restarted = new Set<string>()
    await playOut(oracles, async (phase) => {
      if (restarted.has(phase)) return
      restarted.add(phase)
      await Promise.all(oracles.map((oracle) => oracle.stop()))
      oracles.splice(0, oracles.length, ...start())
    })
    await Promise.all(oracles.map((oracle) => oracle.stop()))

    expect([...restarted]).to.include.members([
      'Open',
      'Commit',
      'Reveal',
      'RedrawCommit',
      'CohortVote',
      'RootVote',
    ])
    const outcomes = await outcomesOf(updates)
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(Array.from(updates, () => 'audited'))
    for (const { address } of scene.validators) {
      const { missedRounds } = await readValidator(scene.reader, { taskId: scene.taskId, validator: address })
      expect(missedRounds).to.equal(0)
    }
  })

  async function outcomesOf(updates: readonly HandMadeUpdate[]) {
    const { beacon, submissions: count } = await round()
    const [cohort] = await readCohortResults(scene.reader, { taskId: scene.taskId })
    const submissions = await readSubmissions(scene.reader, { taskId: scene.taskId })
    const members = cohortMembers({ beacon: beacon!, count, cohort: 0 })
    return updates.map(({ account }) => {
      const index = submissions.findIndex(({ contributor }) => contributor === account.address)
      return cohort!.results[members.indexOf(index)]!
    })
  }
})
