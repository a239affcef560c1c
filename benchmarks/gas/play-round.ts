import { cohortMembers, cohortSeats, rootSeats } from '@assay/sdk/protocol/cohorts.ts'
import { scoreCommitment, submissionTypedData } from '@assay/sdk/protocol/commitments.ts'
import { deriveSeed, drawUint, type Hash } from '@assay/sdk/protocol/random.ts'
import { assignedWindows, cohortCount, isAudited } from '@assay/sdk/protocol/sampling.ts'
import { NOT_AUDITED, packSheet, type ScoreEntry, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { type Address, concat, type Hex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { now, read, type Stage, send, TASK_ID, warpTo } from './stage.ts'

/** Gas that everybody used in one round, by call. */
export type RoundGas = {
  contributors: number
  /** One number a transaction. */
  submits: number[]
  batches: { heads: number; gas: number }[]
  commits: number[]
  reveals: number[]
  /** Entries revealed by all seats: one a contributor and seat. */
  entries: number
  settles: number[]
  aggregateVotes: number[]
  modelVotes: number[]
  /** openRound, closeSubmissions, seal, finalizeRound. */
  lifecycle: number[]
}

const BATCH = 50
const COHORTS_A_SETTLE = 16
/** Phase.FinalizeDue of IRounds.sol. */
const FINALIZE_DUE = 12

/** What a validator committed to and revealed. */
export type Sheet = {
  validator: PrivateKeyAccount
  cohorts: number[]
  words: bigint[]
  salt: Hash
  entries: number
}

/** A round after its seal: `order` is by index of submission, `cohorts` by position. */
export type Sealed = {
  round: number
  beacon: Hash
  order: PrivateKeyAccount[]
  cohorts: PrivateKeyAccount[][]
  weights: readonly number[]
}

/** What a seat scores. */
export type Subject = {
  seed: Hash
  round: number
  contributor: Address
  cohort: number
  seat: number
  /** Whether the beacon draws the update for an audit. */
  isDrawn: boolean
  /** Replay windows that fall to the seat. */
  windows: number
}

/** How validators behave. */
export type Script = {
  entryOf: (subject: Subject) => ScoreEntry
  /** Validators that do nothing in this round. */
  isSilent: (validator: Address, round: number) => boolean
  /** Called whenever a phase has begun. */
  watch?: () => Promise<void>
}

/** Everybody does its duty, and scores differ a little from seat to seat. */
export const honest: Script = { entryOf: honestEntry, isSilent: () => false }

/**
 * Plays a whole round: everybody submits, one in ten alone and the others relayed; every seat that isn't silent scores and votes.
 *
 * @returns gas, the round after its seal and the revealed sheets
 */
export async function playRound(
  stage: Stage,
  script = honest,
): Promise<RoundGas & { sealed: Sealed; sheets: Sheet[] }> {
  const contributors = stage.contributors.length
  const keeper = stage.outsider.address
  const lifecycle = [await send(stage, keeper, 'rounds', 'openRound', [TASK_ID])]
  const opened = await read(stage, 'lens', 'roundOf', [TASK_ID])
  await script.watch?.()

  const submitted = await submitAll(stage, opened.round)
  await warpTo(stage, opened.submitEnd)
  await script.watch?.()
  lifecycle.push(await send(stage, keeper, 'rounds', 'closeSubmissions', [TASK_ID]))
  await script.watch?.()
  await stage.request('hardhat_mine', ['0x2'])
  lifecycle.push(await send(stage, keeper, 'rounds', 'seal', [TASK_ID]))
  await script.watch?.()

  const scored = await scoreAll(stage, script, submitted.order)
  const settles = await settleAll(stage, scored.sealed)
  await script.watch?.()
  const aggregateVotes = await voteAll(stage, scored.sheets)
  const modelVotes = await voteModels(stage, script, scored.sealed)
  await waitForVotes(stage)
  await script.watch?.()
  lifecycle.push(await send(stage, keeper, 'rounds', 'finalizeRound', [TASK_ID]))
  const { submits, batches } = submitted
  const { commits, reveals, entries } = scored
  return {
    contributors,
    submits,
    batches,
    commits,
    reveals,
    entries,
    settles,
    aggregateVotes,
    modelVotes,
    lifecycle,
    sealed: scored.sealed,
    sheets: scored.sheets,
  }
}

/** One in ten submits alone, spread over all pages; of few contributors at most half. */
async function submitAll(stage: Stage, round: number) {
  const submits: number[] = []
  const batches: { heads: number; gas: number }[] = []
  const order: PrivateKeyAccount[] = []
  const size = Math.min(BATCH, Math.ceil(stage.contributors.length / 2))
  const alone = Math.max(1, Math.ceil(size / 9))
  for (let start = 0; start < stage.contributors.length; start += size + alone) {
    const single = stage.contributors.slice(start, start + alone)
    for (const contributor of single) {
      const commitment = deriveSeed(stage.seed, 'commitment', BigInt(round), BigInt(contributor.address))
      submits.push(await send(stage, contributor.address, 'rounds', 'submit', [TASK_ID, commitment]))
    }
    const batch = stage.contributors.slice(start + alone, start + alone + size)
    if (batch.length > 0) batches.push({ heads: batch.length, gas: await relay(stage, round, batch) })
    order.push(...single, ...batch)
  }
  return { submits, batches, order }
}

async function relay(stage: Stage, round: number, batch: PrivateKeyAccount[]): Promise<number> {
  const commitments: Hash[] = []
  const signatures: Hex[] = []
  for (const contributor of batch) {
    const commitment = deriveSeed(stage.seed, 'commitment', BigInt(round), BigInt(contributor.address))
    commitments.push(commitment)
    const { chainId } = stage
    const { rounds } = stage.addresses
    signatures.push(
      await contributor.signTypedData(
        submissionTypedData({ chainId, rounds, taskId: TASK_ID, round, commitment }),
      ),
    )
  }
  return await send(stage, stage.outsider.address, 'rounds', 'submitBatch', [
    TASK_ID,
    round,
    batch.map(({ address }) => address),
    commitments,
    concat(signatures),
  ])
}

async function scoreAll(stage: Stage, script: Script, order: PrivateKeyAccount[]) {
  const view = await read(stage, 'lens', 'roundOf', [TASK_ID])
  const [, weights] = await read(stage, 'lens', 'rosterOf', [TASK_ID])
  const count = order.length
  const cohorts = Array.from({ length: cohortCount(count) }, (_, cohort) =>
    cohortMembers({ beacon: view.beacon, count, cohort }).map((i) => order[i] as PrivateKeyAccount),
  )
  const sealed: Sealed = { round: view.round, beacon: view.beacon, order, cohorts, weights }
  const sheets = (await sheetsOf(stage, script, sealed)).filter(
    ({ validator }) => !script.isSilent(validator.address, sealed.round),
  )

  await warpTo(stage, view.openEnd)
  await script.watch?.()
  const commits: number[] = []
  for (const { validator, cohorts, words, salt } of sheets) {
    const digest = scoreCommitment({
      chainId: stage.chainId,
      rounds: stage.addresses.rounds,
      taskId: TASK_ID,
      round: view.round,
      attempt: 0,
      validator: validator.address,
      cohorts,
      words,
      salt,
    })
    commits.push(await send(stage, validator.address, 'rounds', 'commitScores', [TASK_ID, digest]))
  }
  await warpTo(stage, view.commitEnd)
  await script.watch?.()
  const reveals: number[] = []
  for (const { validator, cohorts, words, salt } of sheets) {
    reveals.push(
      await send(stage, validator.address, 'rounds', 'revealScores', [TASK_ID, cohorts, words, salt]),
    )
  }
  await warpTo(stage, view.revealEnd)
  await script.watch?.()
  return { sealed, sheets, commits, reveals, entries: sheets.reduce((sum, sheet) => sum + sheet.entries, 0) }
}

/** The sheets of all validators that have a seat. */
async function sheetsOf(stage: Stage, script: Script, sealed: Sealed): Promise<Sheet[]> {
  const [roster] = await read(stage, 'lens', 'rosterOf', [TASK_ID])
  const audited = await auditedOf(stage, sealed)
  const { committeeSize, replayWindows, seed } = stage
  const sheets = new Map<number, Sheet>()
  for (const [cohort, members] of sealed.cohorts.entries()) {
    const seats = cohortSeats({ ...sealed, committeeSize, cohort, attempt: 0 })
    for (const [seat, index] of seats.entries()) {
      const sheet = sheets.get(index) ?? newSheet(stage, sealed, roster[index])
      const windows = assignedWindows(replayWindows, committeeSize, seat)
      const entries = members.map(({ address: contributor }) => {
        const isDrawn = audited.has(contributor)
        return script.entryOf({ seed, round: sealed.round, contributor, cohort, seat, isDrawn, windows })
      })
      sheet.cohorts.push(cohort)
      sheet.words.push(...packSheet(entries))
      sheet.entries += members.length
      sheets.set(index, sheet)
    }
  }
  return [...sheets.values()]
}

function newSheet(stage: Stage, sealed: Sealed, address: Address | undefined): Sheet {
  const validator = stage.validators.find((account) => account.address === address)
  if (validator === undefined) throw new Error(`Roster names ${String(address)}, who never joined`)
  const salt = deriveSeed(stage.seed, 'salt', BigInt(sealed.round), BigInt(validator.address))
  return { validator, cohorts: [], words: [], salt, entries: 0 }
}

/** Addresses that the beacon draws for an audit. */
async function auditedOf(stage: Stage, { beacon, order }: Sealed): Promise<Set<Address>> {
  const audited = new Set<Address>()
  for (const { address: contributor } of order) {
    const view = await read(stage, 'lens', 'participantOf', [TASK_ID, contributor])
    const { reputationBps, seen, flagged } = view
    if (isAudited({ beacon, contributor, reputationBps, seen, flagged })) audited.add(contributor)
  }
  return audited
}

function honestEntry({ seed, round, contributor, seat, isDrawn, windows }: Subject): ScoreEntry {
  if (!isDrawn) return scoreEntry({ quality: NOT_AUDITED })
  const chance = deriveSeed(seed, 'score', BigInt(round), BigInt(contributor))
  const noise = drawUint(deriveSeed(chance, 'seat', BigInt(seat)), 0, 200)
  return scoreEntry({
    quality: 6_000 + drawUint(chance, 0, 3_000) + noise,
    rarity: 8_000 + drawUint(chance, 1, 4_000) + noise,
    windows,
  })
}

async function settleAll(stage: Stage, { cohorts }: Sealed): Promise<number[]> {
  const gas: number[] = []
  for (let start = 0; start < cohorts.length; start += COHORTS_A_SETTLE) {
    const some = cohorts.slice(start, start + COHORTS_A_SETTLE)
    gas.push(
      await send(stage, stage.outsider.address, 'rounds', 'settle', [
        TASK_ID,
        some.map((_, i) => start + i),
        some.flat().map(({ address }) => address),
      ]),
    )
  }
  return gas
}

async function voteAll(stage: Stage, sheets: Sheet[]): Promise<number[]> {
  const gas: number[] = []
  for (const { validator, cohorts } of sheets) {
    const hashes = cohorts.map((cohort) => deriveSeed(stage.seed, 'aggregate', BigInt(cohort)))
    gas.push(await send(stage, validator.address, 'rounds', 'voteAggregates', [TASK_ID, cohorts, hashes]))
  }
  return gas
}

async function voteModels(stage: Stage, script: Script, sealed: Sealed): Promise<number[]> {
  const [roster] = await read(stage, 'lens', 'rosterOf', [TASK_ID])
  const model = deriveSeed(stage.seed, 'model', BigInt(sealed.round))
  const gas: number[] = []
  for (const index of rootSeats({ ...sealed, committeeSize: stage.committeeSize })) {
    const seat = roster[index] as Address
    if (!script.isSilent(seat, sealed.round))
      gas.push(await send(stage, seat, 'rounds', 'voteModel', [TASK_ID, model]))
  }
  return gas
}

/** Without a silent root seat the round can be finalized at once. */
async function waitForVotes(stage: Stage): Promise<void> {
  const view = await read(stage, 'lens', 'roundOf', [TASK_ID])
  const time = BigInt(await now(stage))
  if (view.phase !== FINALIZE_DUE && time < view.rootVoteEnd) await warpTo(stage, view.rootVoteEnd)
}

/** Lets what was credited so far mature: two epochs of earnings. */
export async function mature(stage: Stage): Promise<void> {
  const { challenge, commit, reveal, aggregate } = stage.seconds
  await warpTo(stage, (await now(stage)) + 2 * (challenge + commit + reveal + 2 * aggregate))
}
