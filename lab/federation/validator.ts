import { DatabaseSync } from 'node:sqlite'
import type { PoolIndex } from '@assay/engine/judge/pool-copies.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { delta } from '@assay/engine/run/update.ts'
import type { OracleBehaviour } from '@assay/oracle/behaviour.ts'
import type { JudgeContext } from '@assay/oracle/judge-context.ts'
import { newSteps } from '@assay/oracle/new-steps.ts'
import { oracleKeys } from '@assay/oracle/oracle-keys.ts'
import { openProgress, type Progress } from '@assay/oracle/progress.ts'
import { SEEN_UPDATES_MIGRATION } from '@assay/oracle/seen-updates.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import { privateKeyToAccount } from 'viem/accounts'
import { CHAIN_ID, ROUNDS, TASK_ID } from './deployment.ts'

/** The models of the task so far, in the order of the rounds that start from them, with their hashes. */
export type ModelHistory = { hash: Hash; state: State }[]

/** A submission that the chain would have recorded. */
export type Submitted = { contributor: `0x${string}`; commitment: Hash }

/** What all validators of a federation share: each would come to the same. */
export type ValidatorGround = {
  contents: TaskPackage
  engine: Engine
  pool: Dataset
  /** The pool as shown samples are compared with it. */
  poolIndex: PoolIndex
  store: BlobStore
  /** Updates seen by their hashes. */
  db: DatabaseSync
  models: ModelHistory
  /** Submissions by round, from 1. */
  submissions: Map<number, Submitted[]>
  /** Beacons by round, from 0: that of round 0 is what round 1 trains by. */
  beacons: Hash[]
  /** Where what ends in another state is kept. */
  dataDir: string
}

export type LabValidator = {
  index: number
  isAttacker: boolean
  address: `0x${string}`
  context: JudgeContext
  behaviour: OracleBehaviour
  progress: Progress
  /** Reward wei of its entries, all of them matured. */
  credited: bigint
  /** Entries that were drawn for it. */
  drawn: number
  /** Its entries with a value that anybody can compute again, and those of them that are another. */
  computed: number
  falseOnes: number
}

export function openSeenUpdates(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  db.exec(SEEN_UPDATES_MIGRATION)
  return db
}

export function joinTask(
  ground: ValidatorGround,
  one: { seed: Hash; index: number; isAttacker: boolean; behaviour: OracleBehaviour },
): LabValidator {
  const { index, isAttacker, behaviour } = one
  const seed = deriveSeed(one.seed, 'validator', BigInt(index))
  const { address } = privateKeyToAccount(seed)
  return {
    index,
    isAttacker,
    address,
    behaviour,
    context: contextOf(ground, { seed, address }),
    progress: openProgress(),
    credited: 0n,
    drawn: 0,
    computed: 0,
    falseOnes: 0,
  }
}

/** What the oracle's stages judge with: its store, package and models are in memory, its log says nothing. */
function contextOf(
  ground: ValidatorGround,
  { seed, address }: { seed: Hash; address: `0x${string}` },
): JudgeContext {
  const { contents, engine, pool, poolIndex, store, db, dataDir } = ground
  return {
    store,
    db,
    // Evidence is encrypted to nobody: see show-windows.ts.
    keys: { ...oracleKeys(seed), decrypt: async (key) => key },
    account: { address },
    config: { dataDir, taskId: TASK_ID },
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    told: { isNews: () => false },
    reader: { deployment: { chainId: CHAIN_ID, contracts: { rounds: ROUNDS } } },
    pools: { samples: async () => pool, index: async () => poolIndex },
    bench: {
      package: async () => contents,
      engine: async () => engine,
      discardEngine: async () => undefined,
      close: async () => undefined,
    },
    models: modelsOf(ground),
    heldRounds: () => async (round) => ({
      round,
      baseModelHash: ground.models[round - 1]!.hash,
      previousBeacon: ground.beacons[round - 1]!,
      submissions: ground.submissions.get(round) ?? [],
    }),
  }
}

function modelsOf({ models, contents }: ValidatorGround): JudgeContext['models'] {
  return {
    load: async (hash) => models.find((model) => model.hash === hash)!.state,
    lastGlobalSteps: async () =>
      newSteps(models.map(({ hash }) => hash)).map(
        ([before, after]) =>
          () =>
            delta(contents.spec, models[before]!.state, models[after]!.state),
      ),
  }
}

const ignore = () => undefined
