import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { openWorkbench } from '@assay/daemon/workbench.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { slicePool } from '@assay/engine/judge/pool-slice.ts'
import { readPoolFile } from '@assay/engine/node/task-package.ts'
import { type ModelMetric, metricOf, readModel } from '@assay/engine/package/model-blob.ts'
import { poolRoot } from '@assay/engine/package/pool.ts'
import type { State } from '@assay/engine/package/state.ts'
import { evaluateDataset } from '@assay/engine/run/evaluate.ts'
import { readAggregateVotes, readModelVotes } from '@assay/oracle/aggregate-votes.ts'
import { type MeasureSteps, measureSteps } from '@assay/oracle/measure-model.ts'
import { ModelLostError, openModelShelf } from '@assay/oracle/models.ts'
import type { OracleConfig } from '@assay/oracle/oracle-config.ts'
import type { OracleContext } from '@assay/oracle/oracle-context.ts'
import { PoolMissingError } from '@assay/oracle/pool/held-out-pool.ts'
import { SEEN_UPDATES_MIGRATION } from '@assay/oracle/seen-updates.ts'
import { findVote, SIGN_ONCE_MIGRATION } from '@assay/oracle/sign-once.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { readSlashes } from '@assay/sdk/verbs/stake-registry/read-slashes.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { expect } from 'chai'
import { type Hex, zeroHash } from 'viem'
import { startCliRunner } from './support/cli-runner.ts'
import { type HandMadeUpdate, publishUpdate } from './support/hand-made-update.ts'
import { allIdle, type RunningOracle, startOracle } from './support/herd.ts'
import { includedOf } from './support/included-members.ts'
import { outcomesOf } from './support/outcomes.ts'
import {
  openRound,
  playToOpen,
  publishAll,
  publishWindows,
  type Scene,
  SEATS,
  startScene,
} from './support/scene.ts'

const BLOCK_SECONDS = 12
const MOST_BLOCKS = 150

describe('oracles in a round', () => {
  const cli = startCliRunner()
  let scene: Scene
  let untouched: Hex

  before(async () => {
    const seed = deriveSeed(zeroHash, 'oracle round')
    scene = await startScene({ seed, contributors: 7, params: { minContributors: 6 } })
    untouched = await scene.chain.snapshot()
  })

  beforeEach(async () => {
    await scene.chain.revert(untouched)
    untouched = await scene.chain.snapshot()
    await openRound(scene)
  })

  after(async () => {
    cli.end()
    await scene.stop()
  })

  /** Starts every validator's oracle on a directory of its own in this test. */
  const startAll = (test: string, change: (index: number) => Partial<OracleConfig> = () => ({})) =>
    scene.validators.map((validator, i) =>
      startOracle({ ...scene.oracleConfig(validator, `${test}-${i}`), ...change(i) }),
    )

  /** Plays six honest updates to the open phase and publishes what is due then. */
  async function playHonestly(): Promise<HandMadeUpdate[]> {
    const updates = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => scene.update(i)))
    await playToOpen(scene, updates)
    for (const update of updates) await publishAll(scene, update)
    return updates
  }

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

  it('close it by themselves, pay honest work and catch each kind of attacker', async () => {
    const honest = await Promise.all([0, 1, 2].map((i) => scene.update(i)))
    const faked = await scene.update(3, { fakeFinal: honest[0]!.training.final })
    const broken = await scene.update(4, { blob: new Uint8Array(64) })
    const silent = await scene.update(5, { opening: { salt: deriveSeed(zeroHash, 'never opened') } })
    const withholding = await scene.update(6)
    const updates = [...honest, faked, broken, silent, withholding]
    await playToOpen(scene, updates)
    for (const update of [...honest, faked, broken]) await publishAll(scene, update)
    await publishUpdate(scene.store, withholding)
    await publishWindows(scene, withholding, 0, 1)

    // One of them trusts nobody: it has the package from the store, and runs it in a sandbox.
    const oracles = startAll('mixed', (i) => (i === 0 ? { packageDir: undefined, trustPackage: false } : {}))
    const phases = await playOut(oracles)
    await Promise.all(oracles.map((oracle) => oracle.stop()))

    const all = 'Open Commit Reveal RedrawCommit CohortVote RootVote FinalizeDue Idle'
    expect(phases.join(' ')).to.equal(all)
    const outcomes = await outcomesOf(scene, updates)
    for (const { outcome, qualityBps, provenWindows, computePay } of outcomes.slice(0, 3)) {
      expect(outcome).to.equal('audited')
      expect(qualityBps).to.be.greaterThan(0)
      expect(provenWindows).to.equal(5)
      expect(computePay > 0n).to.equal(true)
    }
    expect(outcomes.slice(3, 6).map(({ outcome }) => outcome)).to.deep.equal(['failed', 'failed', 'failed'])
    // Four windows proven, and one withheld that takes five.
    expect(outcomes[6]).to.include({ outcome: 'audited', provenWindows: 0, computePay: 0n })
    expect(outcomes[6]!.qualityBps).to.be.greaterThan(0)

    await expectVotesOnDisk()
    expect(await includedOf(scene, updates)).to.deep.equal([true, true, true, false, false, false, true])
    const after = await round()
    expect(after.baseModelHash).not.to.equal(honest[0]!.opening.baseModelHash)
    await expectMeasured(after.baseModelHash, after.beacon!)
    for (const { address } of scene.validators) {
      const { missedRounds } = await readValidator(scene.reader, { taskId: scene.taskId, validator: address })
      expect(missedRounds).to.equal(0)
    }
  })

  it('lose nothing when all of them are restarted in every phase', async () => {
    const updates = await playHonestly()

    const start = () => startAll('restart')
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
    const outcomes = await outcomesOf(scene, updates)
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(Array.from(updates, () => 'audited'))
    for (const { address } of scene.validators) {
      const { missedRounds } = await readValidator(scene.reader, { taskId: scene.taskId, validator: address })
      expect(missedRounds).to.equal(0)
    }
  })

  it('draw other seats for a cohort whose first ones are silent, and slash those', async () => {
    const updates = await playHonestly()
    const { seats } = await readCohort(scene.reader, { taskId: scene.taskId, cohort: 0 })
    const silent = seats.slice(0, 2)
    const stakes = () =>
      Promise.all(scene.validators.map(({ address }) => readStake(scene.reader, { account: address })))
    const before = await stakes()

    const oracles = scene.validators.map((validator, i) =>
      startOracle(scene.oracleConfig(validator, `oracle-${i}`), {
        silent: silent.includes(validator.address),
      }),
    )
    let isRedrawn = false
    const phases = await playOut(oracles, async (phase) => {
      if (phase !== 'RedrawCommit' || isRedrawn) return
      isRedrawn = true
      for (const update of updates) await publishWindows(scene, update, 1)
    })
    await Promise.all(oracles.map((oracle) => oracle.stop()))

    expect(phases).to.include.members(['RedrawCommit', 'RedrawReveal', 'SettleDue', 'CohortVote', 'RootVote'])
    const outcomes = await outcomesOf(scene, updates)
    expect(outcomes.map(({ outcome, provenWindows }) => [outcome, provenWindows])).to.deep.equal(
      Array.from(updates, () => ['audited', 5]),
    )
    for (const [i, { active }] of (await stakes()).entries()) {
      const { address: validator } = scene.validators[i]!
      const { missedRounds } = await readValidator(scene.reader, { taskId: scene.taskId, validator })
      const isSilent = silent.includes(validator)
      expect(missedRounds, validator).to.equal(isSilent ? 1 : 0)
      const fine = isSilent ? before[i]!.reserved / 100n : 0n
      expect(before[i]!.active - active, validator).to.equal(fine)
    }
    const slashes = await readSlashes(scene.reader, { taskId: scene.taskId })
    expect(slashes.map(({ account, reward, reason }) => [account, reward, reason.name])).to.have.deep.members(
      silent.map((account) => [account, 0n, 'missedDuty']),
    )
  })

  it('put a lost model together again from what the committees agreed on', async () => {
    await playHonestly()
    const oracles = startAll('lost')
    await playOut(oracles)
    await Promise.all(oracles.map((oracle) => oracle.stop()))
    await scene.chain.mine()
    if ((await round()).phase === 'Idle') await openRound(scene)

    const { baseModelHash, openedBlock, round: number } = await round()
    const { params } = await readTask(scene.reader, { taskId: scene.taskId })
    const forgetful = await openFileStore({ dir: join(scene.dir, 'store-without-the-model') })
    const getBlob = (hash: Hash, maxBytes: number) => scene.store.get(hash, { maxBytes })
    const store = {
      ...scene.store,
      put: forgetful.put,
      get: (hash: Hash, limit: { maxBytes: number }) =>
        hash === baseModelHash ? forgetful.get(hash, limit) : scene.store.get(hash, limit),
    }
    const { samples } = await readPoolFile(join(scene.dir, 'pool.safetensors'), scene.task.spec)
    const bench = openWorkbench({ programRoot: params.programRoot, getBlob })
    const measure = measureSteps({
      bench: { package: bench.package, engine: async () => scene.engine },
      pools: { samples: async () => samples },
      told: { isNews: () => false },
      signal: new AbortController().signal,
    } as unknown as OracleContext)
    const place = { taskId: scene.taskId, round: number, openedBlock, params, committeeSize: SEATS }
    const without: MeasureSteps = async () => Promise.reject(new PoolMissingError('no pool yet'))
    const failure = await openModelShelf(scene.reader, store, bench, without)
      .load(baseModelHash, place)
      .catch((error) => error)
    expect(failure, failure).to.be.instanceOf(ModelLostError)
    expect(failure.message).to.contain("can't be measured again: no pool yet")

    const shelf = openModelShelf(scene.reader, store, bench, measure)
    const rebuilt = await shelf.load(baseModelHash, place)
    const blob = await shelf.blob(baseModelHash, place)
    expect(blobHash(blob)).to.equal(baseModelHash)
    expect(readModel(scene.task.spec, blob)).to.deep.equal({
      state: rebuilt,
      metric: await measuredBy((await round()).previousBeacon, rebuilt),
      cohorts: [true],
    })
    expect(await forgetful.has(baseModelHash), 'and stored').to.equal(true)
    expect(await shelf.lastGlobalSteps(place)).to.have.length(1)
  })

  /** A model's figures, as the first round's seats must have measured them. */
  async function measuredBy(beacon: Hash, state: State): Promise<ModelMetric> {
    const { spec } = scene.task
    const pool = await readPoolFile(join(scene.dir, 'pool.safetensors'), spec)
    const { samples: data } = slicePool(pool.samples, spec, { beacon, taskId: scene.taskId, round: 1 })
    const sizes = { samples: data.n, poolSamples: pool.samples.n }
    const about = { round: 1, beacon, poolRoot: poolRoot(pool), ...sizes }
    return metricOf(await evaluateDataset({ engine: scene.engine, state, data }), about)
  }

  /** The store has the model with what its seats measured, and everybody can read that. */
  async function expectMeasured(modelHash: Hash, beacon: Hash): Promise<void> {
    const blob = await scene.store.get(modelHash, { maxBytes: 1e6 })
    const { state, metric } = readModel(scene.task.spec, blob)
    expect(metric).to.deep.equal(await measuredBy(beacon, state))
    const { samples, poolSamples } = metric!
    const of = samples === poolSamples ? `${samples}` : `${samples} of ${poolSamples}`
    const status = await readStatus()
    expect(status).to.match(/^ {2}model {5}round 1: accuracy [\d.]+ %, cross-entropy [\d.]+ on \d/m)
    expect(status).to.contain(` on ${of} held-out samples, voted with the model\n`)
    expect(status, 'somebody has the pool').not.to.contain('no validator holds')
  }

  /** What `assay status` says to a contributor. */
  async function readStatus(): Promise<string> {
    const deployment = join(scene.dir, 'deployment.json')
    await writeFile(deployment, JSON.stringify(scene.chain.deployment))
    const access = ['--rpc', scene.chain.rpcUrl, '--deployment', deployment]
    const where = [
      '--address',
      scene.contributors[0]!.account.address,
      '--store-dir',
      join(scene.dir, 'store'),
    ]
    const { code, stdout, stderr } = await cli.run(['status', ...where, ...access])
    expect(code, stderr).to.equal(0)
    return stdout
  }

  /** Every vote on chain is the one that its voter kept on disk. */
  async function expectVotesOnDisk(): Promise<void> {
    const { reader, taskId, validators } = scene
    const place = { taskId, round: 1 }
    const onChain = [
      ...(await readAggregateVotes(reader, place)).map((vote) => ({ ...vote, subject: vote.cohort })),
      ...(await readModelVotes(reader, place)).map((vote) => ({ ...vote, subject: 'model' as const })),
    ]
    expect(onChain).to.have.length(2 * SEATS)
    for (const { validator, subject, hash } of onChain) {
      const index = validators.findIndex(({ address }) => address === validator)
      const path = join(scene.dir, `mixed-${index}`, 'daemon.sqlite')
      const db = openDaemonDatabase(path, [SIGN_ONCE_MIGRATION, SEEN_UPDATES_MIGRATION])
      expect(findVote(db, { ...place, subject })).to.equal(hash)
      db.close()
    }
  }
})
