import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blobHash } from '@assay/engine/hash.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { createTask, writeTaskPackage } from '@assay/engine/node/task-package.ts'
import { type Dataset, sampleRoot } from '@assay/engine/package/data.ts'
import { computeUnits } from '@assay/engine/package/mode.ts'
import { parseModel, serializeModel } from '@assay/engine/package/model.ts'
import type { TaskContents, TaskPackage } from '@assay/engine/package/task-contents.ts'
import { namedPoolRoot } from '@assay/engine/package/task-spec.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { OracleConfig } from '@assay/oracle/oracle-config.ts'
import { keySeedOf, oracleKeys } from '@assay/oracle/oracle-keys.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { connectReader } from '@assay/sdk/client/clients.ts'
import { cohortSeats, replayAssignments, windowReaders } from '@assay/sdk/protocol/cohorts.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { closeSubmissionsCall } from '@assay/sdk/verbs/rounds/close-submissions.ts'
import { openRoundCall } from '@assay/sdk/verbs/rounds/open-round.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readyCall } from '@assay/sdk/verbs/rounds/ready.ts'
import { sealCall } from '@assay/sdk/verbs/rounds/seal.ts'
import { submitCall } from '@assay/sdk/verbs/rounds/submit.ts'
import { stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { createTaskCall } from '@assay/sdk/verbs/tasks/create-task.ts'
import { enrolCall } from '@assay/sdk/verbs/tasks/enrol.ts'
import { fundTaskCall } from '@assay/sdk/verbs/tasks/fund-task.ts'
import { joinValidatorsCall } from '@assay/sdk/verbs/tasks/join-validators.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import type { WindowReader } from '@assay/store/evidence-encryption.ts'
import { type FileStore, openFileStore } from '@assay/store/file-store.ts'
import { type Address, encodeFunctionData, erc20Abi, parseEther, toHex } from 'viem'
import { startChain, type TestAccount, type TestChain } from './chain.ts'
import {
  dataSecretOf,
  type HandMadeUpdate,
  makeUpdate,
  publishEvidence,
  publishUpdate,
  type UpdateOptions,
} from './hand-made-update.ts'
import { clusters, smallTask, WINDOWS } from './small-task.ts'

export const SEATS = 3
export const PHASE_SECONDS = 60
/**
 * For rounds that oracles play: an oracle's work has as many seconds of this machine as its phase has of the chain, and
 * seven of them share the machine with other tests. Blocks are as far apart as that, so there are no more of them.
 */
export const LONG_PHASES = {
  openSeconds: 10 * PHASE_SECONDS,
  commitSeconds: 10 * PHASE_SECONDS,
  revealSeconds: 10 * PHASE_SECONDS,
  aggregateSeconds: 10 * PHASE_SECONDS,
}
/** A fifth of a long phase. */
export const LONG_BLOCK_SECONDS = 120
/** Far longer than a test: daemons look at the chain when they are told of a block. */
export const POLL_MS = 3_600_000
const VALIDATORS = 2 * SEATS + 1
const STAKE = parseEther('1000')
const TASK = 1n

/** A chain with a task, seven validators (k = 3) and enrolled contributors; no round is open yet. */
export interface Scene {
  chain: TestChain
  reader: AssayReader
  dir: string
  store: FileStore
  task: TaskPackage
  engine: Engine
  taskId: bigint
  validators: TestAccount[]
  contributors: { account: TestAccount; data: Dataset }[]
  /** Config of a validator's oracle, with a data directory called `name`. */
  oracleConfig(validator: TestAccount, name: string): OracleConfig
  /** Makes a contributor's update for the current round, or a wrong one. */
  update(index: number, wrong?: Partial<UpdateOptions>): Promise<HandMadeUpdate>
  stop(): Promise<void>
}

export async function startScene(options: {
  seed: Hash
  contributors: number
  params?: Partial<TaskParams>
  /** Of the task; the small one by default. */
  contents?: TaskContents
}): Promise<Scene> {
  const dir = await mkdtemp(join(tmpdir(), 'assay-scene-'))
  const chain = await startChain({ accounts: 1 + VALIDATORS + options.contributors })
  const reader = await connectReader({ deployment: chain.deployment, rpcUrl: chain.rpcUrl })
  const contents = options.contents ?? smallTask(options.seed)
  const poolFile = join(dir, 'pool.safetensors')
  const task = await writeTaskPackage(join(dir, 'package'), contents, poolFile)
  const engine = await openEngine(task)
  const store = await openFileStore({ dir: join(dir, 'store') })
  const baseModel = serializeModel(task.spec, task.init)
  await store.put(baseModel)
  const { taskJson, files } = await createTask(contents)
  for (const file of [taskJson, ...files.values()]) await store.put(file)
  const validators = chain.accounts.slice(1, 1 + VALIDATORS)
  const contributors = chain.accounts.slice(1 + VALIDATORS).map((account, i) => ({
    account,
    data: clusters(deriveSeed(options.seed, 'shard', BigInt(i)), 60 + 4 * i, i),
  }))
  const params = { ...taskParams(chain, task, blobHash(baseModel), options.contributors), ...options.params }
  await enter(chain, params, validators, contributors).catch(async (error) => {
    await chain.stop()
    throw error
  })
  return {
    chain,
    reader,
    dir,
    store,
    task,
    engine,
    taskId: TASK,
    validators,
    contributors,
    oracleConfig: (validator, name) => ({
      rpcUrl: chain.rpcUrl,
      deployment: chain.deployment,
      taskId: TASK,
      privateKey: validator.privateKey,
      dataDir: join(dir, name),
      storeDir: join(dir, 'store'),
      packageDir: join(dir, 'package'),
      poolFile,
      pollMs: POLL_MS,
      logLevel: 'silent',
      keeperStaggerSeconds: (params.commitSeconds * 2) / PHASE_SECONDS,
      trustPackage: true,
      force: true, // the chain's clock waits for the test
      priorityFeeWei: 1_000_000_000n + BigInt(validators.indexOf(validator)),
    }),
    update: async (index, wrong = {}) => {
      const { account, data } = contributors[index]!
      const { round, previousBeacon, baseModelHash } = await readRound(reader, { taskId: TASK })
      const base = parseModel(task.spec, await store.get(baseModelHash, { maxBytes: 1e6 }))
      const place = {
        chainId: chain.chainId,
        rounds: chain.deployment.contracts.rounds,
        taskId: TASK,
        round,
        previousBeacon,
        baseModelHash,
      }
      return makeUpdate({ engine, base, place, account, data, ...wrong })
    },
    stop: async () => {
      await engine.close()
      await chain.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/**
 * Starts a round, submits the updates, closes submissions and seals: the round is then in its open phase.
 *
 * @param suits whether the test can work with what a beacon draws; without it, every one is taken
 */
export async function playToOpen(
  scene: Scene,
  updates: readonly HandMadeUpdate[],
  suits: (beacon: Hash) => boolean = () => true,
): Promise<void> {
  const { chain, reader } = scene
  await submitAll(scene, updates)
  await chain.mine(PHASE_SECONDS)
  const anyone = chain.accounts[0]!
  await chain.send(anyone, closeSubmissionsCall(chain.deployment, { taskId: TASK }))
  // The beacon is the hash of the next block, which another time changes.
  for (let seconds = 1; ; seconds++) {
    const closed = await chain.snapshot()
    await chain.mine(seconds)
    await chain.send(anyone, sealCall(chain.deployment, { taskId: TASK }))
    const { beacon } = await readRound(reader, { taskId: TASK })
    if (suits(beacon!)) return
    await chain.revert(closed)
  }
}

export async function openRound({ chain }: Scene): Promise<void> {
  await chain.send(chain.accounts[0]!, openRoundCall(chain.deployment, { taskId: TASK }))
}

async function submitAll({ chain }: Scene, updates: readonly HandMadeUpdate[]): Promise<void> {
  await chain.sendAll(
    updates.map(({ account, commitment }) => ({
      account: chain.accounts.find(({ address }) => address === account.address)!,
      call: submitCall(chain.deployment, { taskId: TASK, commitment }),
    })),
  )
}

/** Publishes what a contributor owes in the open phase: update, opening, and the evidence of every drawn window. */
export async function publishAll(scene: Scene, update: HandMadeUpdate): Promise<void> {
  await publishUpdate(scene.store, update)
  await publishWindows(scene, update, 0)
}

/** Publishes the evidence of the windows drawn in an attempt, all but the last `hidden` ones. */
export async function publishWindows(
  scene: Scene,
  update: HandMadeUpdate,
  attempt: 0 | 1,
  hidden = 0,
): Promise<void> {
  const { taskId, reader, engine, store } = scene
  const { beacon } = await readRound(reader, { taskId })
  const { params } = await readTask(reader, { taskId })
  const { validators, weights } = await readRoster(reader, { taskId })
  const seats = cohortSeats({ beacon: beacon!, cohort: 0, attempt, weights, committeeSize: SEATS })
  const drawn = replayAssignments({
    beacon: beacon!,
    contributor: update.account.address,
    windowsDrawn: params.replayWindows,
    totalWindows: params.windowsPerRound,
    seatCount: SEATS,
  })
  for (const { window, seat } of drawn.slice(0, drawn.length - hidden)) {
    const readers = await Promise.all(
      windowReaders(seat, SEATS).map((reader) => readerAt(scene, validators[seats[reader]!]!)),
    )
    await publishEvidence(store, engine, update, { window, readers })
  }
}

async function readerAt(scene: Scene, validator: Address): Promise<WindowReader> {
  const { privateKey } = scene.validators.find(({ address }) => address === validator)!
  return { validator, encryptionKey: await oracleKeys(keySeedOf(privateKey)).encryptionKey() }
}

function taskParams(
  chain: TestChain,
  { spec, specHash, programRoot }: TaskPackage,
  model: Hash,
  contributors: number,
): TaskParams {
  return {
    specHash,
    initialModelHash: model,
    poolRoot: namedPoolRoot(spec),
    programRoot,
    rewardToken: chain.deployment.contracts.assayToken,
    priceCompute: 1_000_000_000n,
    priceData: 1_000_000_000n,
    priceValidation: 1_000_000_000_000n,
    computeUnitsPerRound: computeUnits(spec),
    dataUnitsLimit: 1_000,
    stepsPerRound: spec.steps,
    windowsPerRound: WINDOWS,
    replayWindows: WINDOWS,
    slots: 16,
    committeeSize: SEATS,
    minContributors: contributors,
    maxRounds: 5,
    submitSeconds: PHASE_SECONDS,
    openSeconds: PHASE_SECONDS,
    commitSeconds: PHASE_SECONDS,
    revealSeconds: PHASE_SECONDS,
    aggregateSeconds: PHASE_SECONDS,
    challengeSeconds: PHASE_SECONDS,
    earlyBonusBps: 10_000,
    earlyBonusRounds: 0,
    enrolmentFee: parseEther('1'),
    contributorStake: parseEther('10'),
    minValidatorStake: parseEther('100'),
  }
}

/** Gives everybody tokens and stake, creates and funds the task, and has validators and contributors join it. */
async function enter(
  chain: TestChain,
  params: TaskParams,
  validators: readonly TestAccount[],
  contributors: Scene['contributors'],
): Promise<void> {
  const { deployment, accounts } = chain
  const { assayToken: token, stakeRegistry, tasks } = deployment.contracts
  const owner = accounts[0]!
  const staking = [...validators, ...contributors.map(({ account }) => account)]
  const transfer = (to: TestAccount) => ({
    to: token,
    data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to.address, STAKE] }),
  })
  const funding = parseEther('100')
  await chain.sendAll([
    ...staking.map((account) => ({ account: owner, call: transfer(account) })),
    { account: owner, call: approveCall({ token, spender: tasks, amount: funding }) },
    { account: owner, call: createTaskCall(deployment, { params }) },
    { account: owner, call: fundTaskCall(deployment, { taskId: TASK, amount: funding }) },
  ])
  const encryptionKeys = await Promise.all(
    validators.map(async ({ privateKey }) => toHex(await oracleKeys(keySeedOf(privateKey)).encryptionKey())),
  )
  await chain.sendAll([
    ...staking.flatMap((account) => [
      { account, call: approveCall({ token, spender: stakeRegistry, amount: STAKE }) },
      { account, call: stakeCall(deployment, { amount: STAKE }) },
    ]),
    ...validators.flatMap((account, i) => {
      const encryptionKey = encryptionKeys[i]!
      return [
        joinValidatorsCall(deployment, { taskId: TASK, amount: STAKE / 2n, encryptionKey }),
        readyCall(deployment, { taskId: TASK, poolRoot: params.poolRoot }),
      ].map((call) => ({ account, call }))
    }),
    ...contributors.map(({ account, data }) => ({
      account,
      call: enrolCall(deployment, {
        taskId: TASK,
        sampleRoot: sampleRoot(data, dataSecretOf(account.address)),
        dataUnits: data.n,
      }),
    })),
  ])
}
