import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContributorConfig } from '@assay/contributor/contributor-config.ts'
import { type Dataset, writeDataset } from '@assay/engine/package/data.ts'
import { parseModel, startState } from '@assay/engine/package/model.ts'
import { stateHash } from '@assay/engine/package/state.ts'
import { checkWindowEvidence } from '@assay/engine/run/evidence.ts'
import { parseUpdate } from '@assay/engine/run/update.ts'
import { keySeedOf, oracleKeys } from '@assay/oracle/oracle-keys.ts'
import { cohortSeats, replayAssignments, windowReaders } from '@assay/sdk/protocol/cohorts.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { batchSeed, isAudited } from '@assay/sdk/protocol/sampling.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readSubmissions } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { leaveCall } from '@assay/sdk/verbs/tasks/leave.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { fetchEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { decryptEvidence } from '@assay/store/evidence-encryption.ts'
import { until } from '@assay/store/fixtures/transfers.ts'
import { fetchOpening, type Opening } from '@assay/store/opening-record.ts'
import { evidenceKey as recordKey } from '@assay/store/records.ts'
import { expect } from 'chai'
import { type Address, encodeFunctionData, erc20Abi, hexToBytes, parseEther } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { POLL_MS, type Scene } from './scene.ts'
import { clusters, WINDOWS } from './small-task.ts'

const NEWCOMER_STAKE = parseEther('100')
const SAMPLES = 48

/** Somebody with tokens and samples who has not entered the task. */
export type Newcomer = {
  account: PrivateKeyAccount
  data: Dataset
  /** For a daemon with a data directory called `name`. */
  config(name: string): ContributorConfig
}

export async function makeNewcomer(scene: Scene, seed: Hash): Promise<Newcomer> {
  const { chain, dir } = scene
  const privateKey = deriveSeed(seed, 'newcomer key')
  const account = privateKeyToAccount(privateKey)
  const data = clusters(deriveSeed(seed, 'newcomer shard'), SAMPLES)
  await chain.client.setBalance({ address: account.address, value: parseEther('10') })
  await chain.send(chain.accounts[0]!, {
    to: chain.deployment.contracts.assayToken,
    data: encodeFunctionData({
      abi: erc20Abi,
      functionName: 'transfer',
      args: [account.address, NEWCOMER_STAKE],
    }),
  })
  const dataFile = join(dir, `${account.address}.safetensors`)
  await mkdir(dir, { recursive: true })
  await writeFile(dataFile, writeDataset(data, scene.task.spec))
  return {
    account,
    data,
    config: (name) => ({
      rpcUrl: chain.rpcUrl,
      deployment: chain.deployment,
      taskId: scene.taskId,
      privateKey,
      dataDir: join(dir, name),
      dataFile,
      storeDir: join(dir, 'store'),
      packageDir: join(dir, 'package'),
      autoStakeWei: NEWCOMER_STAKE,
      pollMs: POLL_MS,
      logLevel: 'silent',
      trustPackage: true,
      force: true, // the chain's clock waits for the test
    }),
  }
}

/** What somebody has of the token that the scene pays with, in wei. */
export function balanceOf({ chain }: Scene, { account }: Newcomer): Promise<bigint> {
  return chain.client.readContract({
    address: chain.deployment.contracts.assayToken,
    abi: erc20Abi,
    functionName: 'balanceOf',
    args: [account.address],
  })
}

/** Sends the call that leaves the task, without the daemon. The next block has it. */
export async function leaveByHand({ chain, taskId }: Scene, { account }: Newcomer): Promise<void> {
  const from = account.address
  await chain.client.impersonateAccount({ address: from })
  const { to, data } = leaveCall(chain.deployment, { taskId, minReleased: 0n })
  await chain.client.sendUnsignedTransaction({ from, to, data, gas: 500_000n })
  await chain.client.stopImpersonatingAccount({ address: from })
}

/** What the chain and the store together show of a contributor's current round. */
export async function openedUpdate(
  scene: Scene,
  { account }: Newcomer,
): Promise<{ commitment: Hash; opening: Opening | undefined }> {
  const submissions = await readSubmissions(scene.reader, { taskId: scene.taskId })
  const own = submissions.filter(({ contributor }) => contributor === account.address)
  if (own.length !== 1) throw new Error(`${account.address} submitted ${own.length} times`)
  const { commitment } = own[0]!
  return { commitment, opening: await fetchOpening(scene.store, commitment) }
}

/** The windows of a one-cohort round, each with every validator whose seat reads it, by the shared sampling rules. */
export async function drawnSeats(
  scene: Scene,
  contributor: Address,
  attempt: 0 | 1,
): Promise<{ window: number; validator: Address }[]> {
  const { reader, taskId } = scene
  const { committeeSize, windowsPerRound, replayWindows } = (await readTask(reader, { taskId })).params
  const { beacon } = await readRound(reader, { taskId })
  const { validators, weights } = await readRoster(reader, { taskId })
  const seats = cohortSeats({ beacon: beacon!, cohort: 0, attempt, weights, committeeSize })
  const draw = { beacon: beacon!, contributor, windowsDrawn: replayWindows, totalWindows: windowsPerRound }
  const assignments = replayAssignments({ ...draw, seatCount: committeeSize })
  if (assignments.length === 0) throw new Error('No window is drawn: whatever is said of all of them holds')
  return assignments.flatMap(({ window, seat }) =>
    windowReaders(seat, committeeSize).map((reader) => ({ window, validator: validators[seats[reader]!]! })),
  )
}

/** Every window whose evidence was published, with the validator that can decrypt it. */
export async function shownWindows(scene: Scene, newcomer: Newcomer): Promise<string[]> {
  const { commitment } = await openedUpdate(scene, newcomer)
  const pairs = Array.from({ length: WINDOWS }, (_, window) =>
    scene.validators.map(({ address }) => ({ window, validator: address })),
  ).flat()
  const records = await Promise.all(
    pairs.map(({ window, validator }) => scene.store.getRecord(recordKey(commitment, window, validator))),
  )
  return pairs
    .filter((_, i) => records[i] !== undefined)
    .map(({ window, validator }) => `${window} ${validator}`)
}

/**
 * Reads evidence as the validator whose seat replays the window: finds the record, decrypts, checks the proofs, trains it again.
 *
 * @returns 'ok', 'missing', or what is wrong with it
 */
export async function replayAs(
  scene: Scene,
  newcomer: Newcomer,
  { window, validator }: { window: number; validator: Address },
): Promise<string> {
  const { store, engine, task, reader, taskId } = scene
  const { commitment, opening } = await openedUpdate(scene, newcomer)
  if (!opening) return 'not opened'
  const contributor = newcomer.account.address
  const key = recordKey(commitment, window, validator)
  const record = await fetchEncryptedBlob(store, { key, signer: contributor })
  if (!record) return 'missing'
  const { privateKey } = scene.validators.find(({ address }) => address === validator)!
  const evidenceKey = await oracleKeys(keySeedOf(privateKey)).decrypt(hexToBytes(record.encryptedKey), key)
  const encrypted = await store.get(record.blob, { maxBytes: 1_000_000 })
  const evidence = decryptEvidence(encrypted, evidenceKey, { commitment, window })

  const { round, previousBeacon } = await readRound(reader, { taskId })
  const base = parseModel(task.spec, await store.get(opening.baseModelHash, { maxBytes: 1_000_000 }))
  const start = startState(task, base)
  const update = parseUpdate(task.spec, await store.get(opening.updateHash, { maxBytes: 1_000_000 }))
  const result = await checkWindowEvidence({
    engine,
    evidence,
    window,
    round,
    stateRoot: opening.stateRoot,
    dataRoot: opening.dataRoot,
    sampleCount: newcomer.data.n,
    batchSeed: batchSeed({ previousBeacon, taskId, round, contributor }),
    start,
    startHash: stateHash(task.spec, start),
    finalStateHash: update.hash,
  })
  return result.ok ? 'ok' : result.reason
}

/**
 * Waits until the drawn seats can replay their windows, or expects that nobody can where the beacon doesn't have the update audited. The
 * beacon is another one with each change of the contracts: a few leave out who has one settled round.
 */
export async function expectShownIfAudited(scene: Scene, newcomer: Newcomer): Promise<void> {
  const { reader, taskId } = scene
  const contributor = newcomer.account.address
  const { beacon } = await readRound(reader, { taskId })
  const standing = await readParticipant(reader, { taskId, contributor })
  const isDrawn = isAudited({ ...standing, beacon: beacon!, contributor })
  for (const request of isDrawn ? await drawnSeats(scene, contributor, 0) : [])
    await until('the window is shown', async () => (await replayAs(scene, newcomer, request)) === 'ok')
  expect((await shownWindows(scene, newcomer)).length > 0).to.equal(isDrawn)
}
