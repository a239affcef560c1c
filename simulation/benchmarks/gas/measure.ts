import { deriveSeed, type Hash } from '@assay/sdk/random.ts'
import { stringToHex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { Figures } from './figures.ts'
import { mature, playRound, type RoundGas } from './play-round.ts'
import { give, read, type Stage, send, setStage, TASK_ID, warpTo } from './stage.ts'

const ASSAY = 10n ** 18n
const COMMITTEE_SIZE = 5
const VALIDATORS = 11
/** Contributors whose claims are measured. */
const CLAIMERS = 5

/** Rounds after which the last few claim, while what the latest round paid is still pending: a first and a later claim. */
const EARLY_CLAIMS = [6, 9]
/** From this round on nothing is new: the evidence ring of eight rounds is full and newcomers' audits are over after ten. */
const STEADY_ROUND = 12

/**
 * Plays rounds with `contributorCount` contributors until nothing is new any more, and every other verb of theirs; the figures are
 * whole transactions.
 */
export async function measure(seed: Hash, contributorCount: number): Promise<Figures> {
  const stage = await setStage({
    seed: deriveSeed(seed, 'stage', BigInt(contributorCount)),
    contributorCount,
    validatorCount: VALIDATORS,
    committeeSize: COMMITTEE_SIZE,
  })
  const rounds: Shares[] = []
  const early: number[] = []
  for (let round = 1; round <= STEADY_ROUND; round++) {
    rounds.push(shares(await playRound(stage)))
    if (EARLY_CLAIMS.includes(round)) early.push(await claimAll(stage, earlyClaimers(stage)))
  }
  const [claimFirstWithPending, claimWithPending] = early as [number, number]
  const [first, second, later] = [rounds[0], rounds[1], rounds.at(-1)] as [Shares, Shares, Shares]
  return rounded({
    ...(await claimsOf(stage)),
    claimFirstWithPending,
    claimWithPending,
    ...(await stakes(stage)),
    ...named(later, ''),
    ...named(second, 'Second'),
    ...named(first, 'First'),
    slash: await slash(stage),
  })
}

type Shares = ReturnType<typeof shares>

/** A round's figures by their names. */
function named<Suffix extends '' | 'Second' | 'First'>(round: Shares, suffix: Suffix) {
  return {
    [`submit${suffix}`]: round.submit,
    [`submitRelayedPerHead${suffix}`]: round.relayed,
    [`scorePerEntry${suffix}`]: round.score,
    [`settlePerContributor${suffix}`]: round.settle,
    [`roundPerContributor${suffix}`]: round.submit + round.others,
    [`roundPerContributorRelayed${suffix}`]: round.relayed + round.others,
  } as Record<`${RoundFigure}${Suffix}`, number>
}

type RoundFigure =
  | 'submit'
  | 'submitRelayedPerHead'
  | 'scorePerEntry'
  | 'settlePerContributor'
  | 'roundPerContributor'
  | 'roundPerContributorRelayed'

/** A round's gas as shares: of a submission, an entry, a contributor. `others` is all of a contributor but its submission. */
function shares(gas: RoundGas) {
  const scores = sum(gas.commits) + sum(gas.reveals)
  const heads = sum(gas.batches.map((batch) => batch.heads))
  const others = scores + sum(gas.settles) + sum(gas.aggregateVotes) + sum(gas.modelVotes) + sum(gas.turns)
  return {
    submit: sum(gas.submits) / gas.submits.length,
    relayed: sum(gas.batches.map((batch) => batch.gas)) / heads,
    score: scores / gas.entries,
    settle: sum(gas.settles) / gas.contributors,
    others: others / gas.contributors,
  }
}

/** Claims of all matured earnings that leave nothing behind: the first into a wallet without reward tokens, and a later one. */
async function claimsOf(stage: Stage) {
  const claimers = stage.contributors.slice(0, CLAIMERS)
  await mature(stage)
  const claimFirst = await claimAll(stage, claimers)
  do {
    await playRound(stage)
    await mature(stage)
  } while ((await withMatured(stage, claimers)).length === 0)
  return { claimFirst, claim: await claimAll(stage, claimers) }
}

function earlyClaimers(stage: Stage): PrivateKeyAccount[] {
  return stage.contributors.slice(-CLAIMERS)
}

/** Mean of a claim, over those that have something matured. */
async function claimAll(stage: Stage, claimers: PrivateKeyAccount[]): Promise<number> {
  const gas: number[] = []
  for (const { address } of await withMatured(stage, claimers)) {
    gas.push(await send(stage, address, 'rounds', 'claim', [TASK_ID, address]))
  }
  return sum(gas) / gas.length
}

/** An update that the beacon drew for no audit has earned held pay only. */
async function withMatured(stage: Stage, accounts: PrivateKeyAccount[]): Promise<PrivateKeyAccount[]> {
  const found: PrivateKeyAccount[] = []
  for (const account of accounts) {
    const { matured } = await read(stage, 'rounds', 'earningsOf', [TASK_ID, account.address])
    if (matured > 0n) found.push(account)
  }
  return found
}

async function stakes(stage: Stage) {
  const account = stage.outsider.address
  await give(stage, account, 300n * ASSAY)
  const stakeNew = await send(stage, account, 'registry', 'stake', [100n * ASSAY])
  const stakeMore = await send(stage, account, 'registry', 'stake', [100n * ASSAY])
  const requestUnstake = await send(stage, account, 'registry', 'requestUnstake', [200n * ASSAY])
  const { availableAt } = await read(stage, 'registry', 'positionOf', [account])
  await warpTo(stage, availableAt)
  const withdraw = await send(stage, account, 'registry', 'withdraw', [])
  return { stakeNew, stakeMore, requestUnstake, withdraw }
}

/** A slash as Rounds makes it, alone in a transaction. */
async function slash(stage: Stage): Promise<number> {
  const validator = stage.validators[0]?.address
  if (validator === undefined) throw new Error('The stage has no validators')
  const reason = stringToHex('missed duty', { size: 32 })
  return await send(stage, stage.addresses.rounds, 'registry', 'slash', [validator, TASK_ID, ASSAY, reason])
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function rounded(figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([name, gas]) => [name, Math.round(gas)])) as Figures
}
