import { writeModel } from '@assay/engine/package/model-blob.ts'
import { cohortSeats, rootSeats } from '@assay/sdk/protocol/cohorts.ts'
import { scoreCommitment } from '@assay/sdk/protocol/commitments.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { assignedWindows } from '@assay/sdk/protocol/sampling.ts'
import { packSheet, type ScoreEntry, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { commitScoresCall } from '@assay/sdk/verbs/rounds/commit-scores.ts'
import { finalizeRoundCall } from '@assay/sdk/verbs/rounds/finalize-round.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { revealScoresCall } from '@assay/sdk/verbs/rounds/reveal-scores.ts'
import { settleCall } from '@assay/sdk/verbs/rounds/settle.ts'
import { voidCohortCall } from '@assay/sdk/verbs/rounds/void-cohort.ts'
import { voteModelCall } from '@assay/sdk/verbs/rounds/vote-model.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { type Address, keccak256, toHex } from 'viem'
import type { TestAccount } from './chain.ts'
import { PHASE_SECONDS, type Scene } from './scene.ts'

const SALT: Hash = keccak256(toHex('salt of a sheet made by hand'))

type Seat = { account: TestAccount; words: bigint[] }
type Entry = ScoreEntry | ((seat: number) => ScoreEntry)

/**
 * Plays a round with one submission from the open phase to its end: every seat scores the update well with all its windows proven, and
 * the root seats vote for a model.
 *
 * @param mine how time passes: mines a block that many seconds later
 * @param entry what every seat says instead, or each by its number
 * @param modelHash what the root seats vote for; the base model by default
 */
export async function playToFinal(
  scene: Scene,
  contributor: Address,
  mine: (seconds?: number) => Promise<void>,
  { entry, modelHash }: { entry?: Entry; modelHash?: Hash } = {},
): Promise<void> {
  const { chain, reader, taskId } = scene
  const { deployment } = chain
  const anyone = chain.accounts[0]!
  const { round, baseModelHash } = await readRound(reader, { taskId })
  const seats = await seatsOf(scene, entry)
  const place = {
    chainId: chain.chainId,
    rounds: deployment.contracts.rounds,
    taskId,
    round,
    attempt: 0 as const,
  }

  await mine(PHASE_SECONDS)
  await chain.sendAll(
    seats.map(({ account, words }) => {
      const digest = scoreCommitment({
        ...place,
        validator: account.address,
        cohorts: [0],
        words,
        salt: SALT,
      })
      return { account, call: commitScoresCall(deployment, { taskId, digest }) }
    }),
  )
  await mine(PHASE_SECONDS)
  await chain.sendAll(
    seats.map(({ account, words }) => ({
      account,
      call: revealScoresCall(deployment, { taskId, cohorts: [0], words, salt: SALT }),
    })),
  )
  await mine(PHASE_SECONDS)
  await chain.send(anyone, settleCall(deployment, { taskId, cohorts: [0], contributors: [contributor] }))
  const call = voteModelCall(deployment, { taskId, modelHash: modelHash ?? baseModelHash })
  await chain.sendAll((await rootOf(scene)).map((account) => ({ account, call })))
  await chain.send(anyone, finalizeRoundCall(deployment, { taskId }))
  await mine()
}

/**
 * Plays a round with one cohort from the open phase to its end without any seat: the cohort is void, the model stays.
 *
 * @param mine how time passes: mines a block that many seconds later
 */
export async function playToVoid(
  { chain, taskId }: Scene,
  mine: (seconds?: number) => Promise<void>,
): Promise<void> {
  const anyone = chain.accounts[0]!
  await mine(5 * PHASE_SECONDS)
  await chain.send(anyone, voidCohortCall(chain.deployment, { taskId, cohort: 0 }))
  await mine(3 * PHASE_SECONDS)
  await chain.send(anyone, finalizeRoundCall(chain.deployment, { taskId }))
  await mine()
}

/** Puts a model with its metric into the store, as the seats of the sealed round leave one. */
export async function putNextModel({ reader, taskId, task: { spec, init }, store }: Scene): Promise<Hash> {
  const { round, beacon } = await readRound(reader, { taskId })
  const state = new Map([...init].map(([name, data]) => [name, data.map((value) => value / 2)] as const))
  const about = { round, poolRoot: spec.pool.root as Hash, beacon: beacon!, samples: 10, poolSamples: 20 }
  const metric = { ...about, metricMicros: 500_000, lossMicros: 700_000 }
  return store.put(writeModel(spec, state, { metric, cohorts: [true] }))
}

async function seatsOf(scene: Scene, entry?: Entry): Promise<Seat[]> {
  const { weights, committeeSize, beacon, replayWindows, at } = await drawOf(scene)
  return cohortSeats({ beacon, cohort: 0, attempt: 0, weights, committeeSize }).map((index, seat) => ({
    account: at(index),
    words: packSheet([
      (typeof entry === 'function' ? entry(seat) : entry) ??
        scoreEntry({
          quality: 8_000,
          rarity: 10_000,
          windows: assignedWindows(replayWindows, committeeSize, seat),
        }),
    ]),
  }))
}

async function rootOf(scene: Scene): Promise<TestAccount[]> {
  const { weights, committeeSize, beacon, at } = await drawOf(scene)
  return rootSeats({ beacon, weights, committeeSize }).map(at)
}

async function drawOf({ reader, taskId, validators: accounts }: Scene) {
  const [{ beacon }, { validators, weights }, { params }] = await Promise.all([
    readRound(reader, { taskId }),
    readRoster(reader, { taskId }),
    readTask(reader, { taskId }),
  ])
  if (beacon === undefined) throw new Error('the round is not sealed')
  const at = (index: number) => accounts.find(({ address }) => address === validators[index])!
  return { beacon, weights, committeeSize: params.committeeSize, replayWindows: params.replayWindows, at }
}
