import { stateRoot } from '@assay/engine/package/state.ts'
import { type AssayClient, connect } from '@assay/sdk/client/clients.ts'
import { expectDone, type Sent } from '@assay/sdk/client/send.ts'
import { assignCohorts, dutiesOf } from '@assay/sdk/protocol/cohorts.ts'
import { scoreCommitment, submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { NO_PROGRAM } from '@assay/sdk/protocol/program.ts'
import { deriveSeed, drawUint, type Hash } from '@assay/sdk/protocol/random.ts'
import {
  GATE_FAILED,
  MAX_RARITY,
  NOT_AUDITED,
  packSheet,
  RARITY_UNIT,
  type ScoreEntry,
  scoreEntry,
} from '@assay/sdk/protocol/score-words.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { closeSubmissions } from '@assay/sdk/verbs/rounds/close-submissions.ts'
import { commitScores } from '@assay/sdk/verbs/rounds/commit-scores.ts'
import { openRound } from '@assay/sdk/verbs/rounds/open-round.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readSubmissions, type Submission } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { revealScores } from '@assay/sdk/verbs/rounds/reveal-scores.ts'
import { seal } from '@assay/sdk/verbs/rounds/seal.ts'
import { signSubmission } from '@assay/sdk/verbs/rounds/sign-submission.ts'
import { submitBatch } from '@assay/sdk/verbs/rounds/submit-batch.ts'
import { type Account, type Address, type Hex, parseEther } from 'viem'
import { startChain, type TestChain } from './chain.ts'

export const SEATS = 3
export const PHASE_SECONDS = 1_000
export const WINDOWS = 4
const WINDOWS_PER_ROUND = 8
/** Root of the tasks' held-out pool. */
export const POOL = deriveSeed(`0x${'00'.repeat(32)}`, 'pool')
const VALIDATORS = 2 * SEATS + 1

/** A chain that mines every transaction at once, and clients for all roles. */
export type VerbsScene = {
  chain: TestChain
  owner: AssayClient
  validators: AssayClient[]
  contributors: AssayClient[]
  clientOf: (account: Account | Address) => Promise<AssayClient>
  stop: () => Promise<void>
}

export async function startVerbsScene(contributors: number): Promise<VerbsScene> {
  const chain = await startChain({ accounts: 1 + VALIDATORS + contributors })
  await chain.client.setAutomine(true)
  const clientOf = (account: Account | Address) =>
    connect({ deployment: chain.deployment, rpcUrl: chain.rpcUrl, account, pollingIntervalMs: 5 })
  const clients = await Promise.all(chain.accounts.map(clientOf))
  return {
    chain,
    clientOf,
    owner: clients[0]!,
    validators: clients.slice(1, 1 + VALIDATORS),
    contributors: clients.slice(1 + VALIDATORS),
    stop: () => chain.stop(),
  }
}

export function taskParamsOf(
  scene: Pick<VerbsScene, 'chain'>,
  changes: Partial<TaskParams> = {},
): TaskParams {
  return {
    specHash: deriveSeed(`0x${'00'.repeat(32)}`, 'spec'),
    initialModelHash: deriveSeed(`0x${'00'.repeat(32)}`, 'model'),
    poolRoot: POOL,
    programRoot: NO_PROGRAM,
    rewardToken: scene.chain.deployment.contracts.assayToken,
    priceCompute: 1_000_003n,
    priceData: 70_001n,
    priceValidation: 1_000_000_007n,
    computeUnitsPerRound: 1_200,
    dataUnitsLimit: 500,
    stepsPerRound: 40,
    windowsPerRound: WINDOWS_PER_ROUND,
    replayWindows: WINDOWS,
    slots: 64,
    committeeSize: SEATS,
    minContributors: 1,
    maxRounds: 5,
    submitSeconds: PHASE_SECONDS,
    openSeconds: PHASE_SECONDS,
    commitSeconds: PHASE_SECONDS,
    revealSeconds: PHASE_SECONDS,
    aggregateSeconds: PHASE_SECONDS,
    challengeSeconds: PHASE_SECONDS,
    earlyBonusBps: 15_000,
    earlyBonusRounds: 3,
    enrolmentFee: parseEther('1'),
    contributorStake: parseEther('10'),
    minValidatorStake: parseEther('100'),
    ...changes,
  }
}

/** Opens a round in which everybody's signed submission is relayed, and seals it. @returns the submissions by index */
export async function playToSeal(scene: VerbsScene, taskId: bigint): Promise<Submission[]> {
  const { owner, chain } = scene
  await done(openRound(owner, { taskId }))
  const { round } = await readRound(owner, { taskId })
  await done(submitBatch(owner, { taskId, round, signed: await signedByAll(scene, taskId, round) }))
  await chain.mine(PHASE_SECONDS)
  await done(closeSubmissions(owner, { taskId }))
  // `seal` is simulated on the last block, and the beacon's block must be older.
  await chain.mine()
  await chain.mine()
  await done(seal(owner, { taskId }))
  return readSubmissions(owner, { taskId })
}

/** What a contributor commits to, and the made-up states of its training. */
export function madeUpTraining(contributor: Address, round: number) {
  const seed = deriveSeed(`0x${'01'.repeat(32)}`, 'update', BigInt(contributor), BigInt(round))
  const stateHashes = Array.from({ length: WINDOWS_PER_ROUND + 1 }, (_, i) =>
    deriveSeed(seed, 'state', BigInt(i)),
  )
  const [baseModelHash, updateHash, dataRoot, salt] = ['model', 'blob', 'data', 'salt'].map((part) =>
    deriveSeed(seed, part),
  ) as [Hash, Hash, Hash, Hash]
  const fields = { baseModelHash, updateHash, stateRoot: stateRoot(stateHashes), steps: 40, dataRoot, salt }
  return { fields, stateHashes }
}

export function signedByAll(scene: VerbsScene, taskId: bigint, round: number) {
  const { chainId, contracts } = scene.chain.deployment
  const place = { chainId, rounds: contracts.rounds, taskId, round }
  return Promise.all(
    scene.contributors.map(async (client) => {
      const contributor = client.wallet.account.address
      const { fields } = madeUpTraining(contributor, round)
      const commitment = submissionCommitment({ ...place, contributor, ...fields })
      return {
        contributor,
        commitment,
        signature: await signSubmission(client, { taskId, round, commitment }),
      }
    }),
  )
}

/** A validator's sheets in a round, for all cohorts drawn for it. */
export type Sheets = {
  client: AssayClient
  cohorts: number[]
  entries: ScoreEntry[][]
  words: bigint[]
  salt: Hex
}

/** Made-up scores of every validator with a seat; all kinds of entries occur. */
export async function scoreAll(scene: VerbsScene, taskId: bigint): Promise<Sheets[]> {
  const { beacon, submissions: count, round } = await readRound(scene.owner, { taskId })
  const { validators, weights } = await readRoster(scene.owner, { taskId })
  const sealed = { beacon: beacon!, count }
  const members = assignCohorts(sealed)
  const sheets = scene.validators.map((client) => {
    const rosterIndex = validators.indexOf(client.wallet.account.address)
    const duties = dutiesOf({ ...sealed, attempt: 0, weights, committeeSize: SEATS, rosterIndex })
    const seed = deriveSeed(beacon!, 'scores', BigInt(rosterIndex), BigInt(round))
    const cohorts = duties.map(({ cohort }) => cohort)
    const entries = cohorts.map((cohort) =>
      members[cohort]!.map((index) => madeUpEntry(beacon!, deriveSeed(seed, 'entry', BigInt(index)), index)),
    )
    return { client, cohorts, entries, words: entries.flatMap(packSheet), salt: seed }
  })
  return sheets.filter(({ cohorts }) => cohorts.length > 0)
}

/** Commits and reveals all sheets, each in its phase; afterwards the cohorts can be settled. */
export async function commitAndReveal(scene: VerbsScene, taskId: bigint, sheets: Sheets[]): Promise<void> {
  const { chain } = scene
  await chain.mine(PHASE_SECONDS)
  const { round } = await readRound(scene.owner, { taskId })
  const { chainId, contracts } = chain.deployment
  for (const { client, cohorts, words, salt } of sheets) {
    const validator = client.wallet.account.address
    const place = { chainId, rounds: contracts.rounds, taskId, round }
    const digest = scoreCommitment({ ...place, attempt: 0, validator, cohorts, words, salt })
    await done(commitScores(client, { taskId, digest }))
  }
  await chain.mine(PHASE_SECONDS)
  for (const { client, cohorts, words, salt } of sheets) {
    await done(revealScores(client, { taskId, cohorts, words, salt }))
  }
  await chain.mine(PHASE_SECONDS)
}

/** Seats agree on the class of most entries, differ in scores, and sometimes in everything. */
function madeUpEntry(beacon: Hash, seed: Hash, index: number): ScoreEntry {
  const isOdd = drawUint(seed, 0, 8) === 0
  const kind = drawUint(isOdd ? seed : deriveSeed(beacon, 'kind', BigInt(index)), 1, 10)
  const quality = kind < 2 ? NOT_AUDITED : kind < 3 ? GATE_FAILED : kind < 4 ? 0 : drawUint(seed, 2, 10_001)
  return scoreEntry({
    quality,
    rarity: RARITY_UNIT * drawUint(seed, 3, MAX_RARITY / RARITY_UNIT + 1),
    windows: drawUint(seed, 4, isOdd ? 4 : 3),
    withheld: drawUint(seed, 5, 4),
  })
}

/** The sent transaction. @throws AssayError unless it is done */
export async function done<T>(sending: Promise<Sent<T>>) {
  return expectDone(await sending)
}

export async function refusalOf(sending: Promise<Sent<unknown>>) {
  const sent = await sending
  if (sent.status !== 'failed') throw new Error(`expected a refusal, but it was ${sent.status}`)
  return sent.failure
}
