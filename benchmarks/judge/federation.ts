/** Rounds of digits without a chain: who takes part, and what a sealed round's facts are. */
import { DEFAULT_SANDBOX_LIMITS, openSandboxedEngine } from '@assay/engine/node/sandbox.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { computeUnits } from '@assay/engine/package/mode.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { namedPoolRoot } from '@assay/engine/package/task-spec.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { digitsTask, partitionDigits } from '@assay/lab/digits.ts'
import { type OracleKeys, oracleKeys } from '@assay/oracle/oracle-keys.ts'
import type { RoundFacts } from '@assay/oracle/round-facts.ts'
import { assignCohorts, cohortSeats } from '@assay/sdk/protocol/cohorts.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { type Address, type Hex, type PrivateKeyAccount, toHex, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type Crowd, weightsOf } from './parts.ts'

export const CHAIN_ID = 7
export const ROUNDS: Address = `0x${'12'.repeat(20)}`
const TASK_ID = 3n
/** The cohort that is played. All others are taken to be like it. */
export const COHORT = 0
/** No round is the last one, in which everybody is audited. */
const MAX_ROUNDS = 1_000
const DATA_UNITS_LIMIT = 1_000

type Validator = { address: Address; keys: OracleKeys }

export type Federation = {
  crowd: Crowd
  seed: Hash
  task: TaskPackage
  engine: Engine
  pool: Dataset
  contributors: readonly PrivateKeyAccount[]
  shards: readonly Dataset[]
  validators: readonly Validator[]
  encryptionKeys: ReadonlyMap<Address, Hex>
}

export async function openFederation(crowd: Crowd, steps: number, seed: Hash): Promise<Federation> {
  const contents = await digitsTask({ seed, constants: { steps, commitEvery: steps / crowd.windows } })
  const { taskJson, files } = await createTask(contents)
  const task = await assembleTaskPackage(taskJson, files)
  const accounts = (what: string, count: number) =>
    Array.from({ length: count }, (_, i) => deriveSeed(seed, what, BigInt(i)))
  const validators = accounts('validator', crowd.validators).map((key) => ({
    address: privateKeyToAccount(key).address,
    keys: oracleKeys(key),
  }))
  return {
    crowd,
    seed,
    task,
    engine: await openSandboxedEngine(task, DEFAULT_SANDBOX_LIMITS),
    pool: contents.pool.samples,
    contributors: accounts('contributor', crowd.contributors).map((key) => privateKeyToAccount(key)),
    shards: await partitionDigits({ seed, contributors: crowd.contributors, partition: { dirichlet: 0.5 } }),
    validators,
    encryptionKeys: new Map(
      await Promise.all(
        validators.map(async ({ address, keys }) => [address, toHex(await keys.encryptionKey())] as const),
      ),
    ),
  }
}

/** Places in the roster of the committee of the cohort that is played. */
function committeeOf(facts: Pick<RoundFacts, 'beacon' | 'weights' | 'committeeSize'>): number[] {
  return cohortSeats({ ...facts, cohort: COHORT, attempt: 0 })
}

/** Numbers of the contributors in the cohort that is played. */
export function membersOf(facts: Pick<RoundFacts, 'beacon' | 'count'>): number[] {
  return assignCohorts(facts)[COHORT]!
}

/** A sealed round, as the first seat of the cohort's committee reads it from the chain, without submissions. */
export function factsOf(
  federation: Federation,
  { round, baseModelHash }: { round: number; baseModelHash: Hash },
): RoundFacts {
  const { crowd, seed, task, validators, encryptionKeys } = federation
  const beaconOf = (number: number) => deriveSeed(seed, 'round', BigInt(number))
  const draw = {
    beacon: beaconOf(round),
    count: crowd.contributors,
    weights: weightsOf(crowd),
    committeeSize: crowd.committeeSize,
  }
  return {
    ...draw,
    taskId: TASK_ID,
    round,
    previousBeacon: beaconOf(round - 1),
    baseModelHash,
    openedBlock: 0n,
    params: paramsOf(crowd, task),
    poolRoot: namedPoolRoot(task.spec),
    submissions: [],
    validators: validators.map(({ address }) => address),
    encryptionKeys,
    rosterIndex: committeeOf(draw)[0],
  }
}

/** What judging looks at; times, prices and stakes are nobody's here. */
function paramsOf(crowd: Crowd, { spec, specHash, programRoot }: TaskPackage): TaskParams {
  const { contributors, committeeSize, replayWindows, windows: windowsPerRound } = crowd
  return {
    specHash,
    initialModelHash: zeroHash,
    poolRoot: namedPoolRoot(spec),
    programRoot,
    rewardToken: ROUNDS,
    ...{ priceCompute: 0n, priceData: 0n, priceValidation: 0n },
    computeUnitsPerRound: computeUnits(spec),
    dataUnitsLimit: DATA_UNITS_LIMIT,
    stepsPerRound: spec.steps,
    windowsPerRound,
    replayWindows,
    slots: contributors,
    committeeSize,
    minContributors: contributors,
    maxRounds: MAX_ROUNDS,
    ...{ submitSeconds: 0, openSeconds: 0, commitSeconds: 0, revealSeconds: 0 },
    ...{ aggregateSeconds: 0, challengeSeconds: 0, earlyBonusBps: 0, earlyBonusRounds: 0 },
    ...{ enrolmentFee: 0n, contributorStake: 0n, minValidatorStake: 0n },
  }
}
