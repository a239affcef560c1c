import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { encodeSlashReason } from '@assay/sdk/protocol/slash-reasons.ts'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { Figures } from './figures.ts'
import { mature, playRound, type RoundGas } from './play-round.ts'
import { give, read, type Stage, send, setStage, TASK_ID, warpTo } from './stage.ts'

const ASSAY = 10n ** 18n
const COMMITTEE_SIZE = 5
const VALIDATORS = 11
/** Contributors whose claims are measured. */
const CLAIMERS = 5

/** Rounds after which the last few contributors claim, while the latest round's pay is still pending. */
const [EARLY_CLAIM, EARLY_LATER_CLAIM] = [6, 9]
/** From this round on nothing is new: the ring of eight rounds is full, and newcomers' audits end after ten rounds. */
const STEADY_ROUND = 12

/**
 * Plays rounds with `contributorCount` contributors until nothing is new any more, and measures their other calls too. The figures
 * are whole transactions.
 */
export async function measure(seed: Hash, contributorCount: number): Promise<Figures> {
  const stage = await stageOf(seed, contributorCount)
  const rounds: Shares[] = []
  let early: Awaited<ReturnType<typeof claimAll>> | undefined
  let earlyLater: typeof early
  for (let round = 1; round <= STEADY_ROUND; round++) {
    rounds.push(shares(await playRound(stage)))
    if (round === EARLY_CLAIM)
      early = await claimAll(stage, await withPending(stage, stage.contributors.slice(-CLAIMERS)))
    if (round === EARLY_LATER_CLAIM) earlyLater = await claimAll(stage, await withPending(stage, early!.paid))
  }
  const [first, second, later] = [rounds[0], rounds[1], rounds.at(-1)] as [Shares, Shares, Shares]
  return rounded({
    ...(await cases(stage)),
    ...(await claimsOf(stage)),
    claimFirstWithPending: early!.gas,
    claimWithPending: earlyLater!.gas,
    ...(await stakes(stage)),
    ...named(later, ''),
    ...named(second, 'Second'),
    ...named(first, 'First'),
    ...named(worst(rounds.slice(1)), 'Worst'),
    slash: await slash(stage),
  })
}

/** The figures of a task's first two rounds and of the claims after them: what takes only a few seconds. */
export async function measureStart(seed: Hash, contributorCount: number) {
  const stage = await stageOf(seed, contributorCount)
  const first = shares(await playRound(stage))
  const second = shares(await playRound(stage))
  const ofCases = await cases(stage)
  return rounded({
    ...ofCases,
    ...(await claimsOf(stage)),
    ...named(second, 'Second'),
    ...named(first, 'First'),
  })
}

function stageOf(seed: Hash, contributorCount: number): Promise<Stage> {
  return setStage({
    seed: deriveSeed(seed, 'stage', BigInt(contributorCount)),
    contributorCount,
    validatorCount: VALIDATORS,
    committeeSize: COMMITTEE_SIZE,
  })
}

type Shares = ReturnType<typeof shares>

/** A round's figures by their names. */
function named<Suffix extends '' | 'Second' | 'First' | 'Worst'>(round: Shares, suffix: Suffix) {
  return {
    [`submit${suffix}`]: round.submit,
    [`submitRelayedPerHead${suffix}`]: round.relayed,
    [`scorePerEntry${suffix}`]: round.score,
    [`settlePerContributor${suffix}`]: round.settle,
    [`roundPerContributor${suffix}`]: round.submit + round.others,
    [`roundPerContributorRelayed${suffix}`]: round.relayed + round.others,
  } as Record<`${RoundFigure}${Suffix}`, number>
}

/** The highest of each share. */
function worst(rounds: Shares[]): Shares {
  const highest = (name: keyof Shares) => Math.max(...rounds.map((round) => round[name]))
  return {
    submit: highest('submit'),
    relayed: highest('relayed'),
    score: highest('score'),
    settle: highest('settle'),
    others: highest('others'),
  }
}

type RoundFigure =
  | 'submit'
  | 'submitRelayedPerHead'
  | 'scorePerEntry'
  | 'settlePerContributor'
  | 'roundPerContributor'
  | 'roundPerContributorRelayed'

/** A round's gas as shares: of a submission, an entry, a contributor. `others` is a contributor's share of everything but submissions. */
function shares(gas: RoundGas) {
  const scores = sum(gas.commits) + sum(gas.reveals)
  const heads = sum(gas.batches.map((batch) => batch.heads))
  const others =
    scores + sum(gas.settles) + sum(gas.aggregateVotes) + sum(gas.modelVotes) + sum(gas.lifecycle)
  return {
    submit: sum(gas.submits) / gas.submits.length,
    relayed: sum(gas.batches.map((batch) => batch.gas)) / heads,
    score: scores / gas.entries,
    settle: sum(gas.settles) / gas.contributors,
    others: others / gas.contributors,
  }
}

/** Rounds in which one of the first claimers earns again. */
const MOST_ROUNDS = 50

/** Claims after which nothing is pending: the first into a wallet without reward tokens, and a later one. */
async function claimsOf(stage: Stage) {
  await mature(stage)
  const first = await claimAll(stage, stage.contributors.slice(0, CLAIMERS))
  for (let rounds = 0; rounds === 0 || (await withMatured(stage, first.paid)).length === 0; rounds++) {
    if (rounds === MOST_ROUNDS) throw new Error(`nobody who claimed earned again in ${MOST_ROUNDS} rounds`)
    await playRound(stage)
    await mature(stage)
  }
  return { claimFirst: first.gas, claim: (await claimAll(stage, first.paid)).gas }
}

/** Those with pending pay of the latest round: a claim that leaves nothing behind has another figure. */
async function withPending(stage: Stage, accounts: PrivateKeyAccount[]): Promise<PrivateKeyAccount[]> {
  const found: PrivateKeyAccount[] = []
  for (const account of accounts) {
    const { pending } = await read(stage, 'lens', 'earningsOf', [TASK_ID, account.address])
    if (pending > 0n) found.push(account)
  }
  return found
}

/** Mean gas of a claim of those with matured earnings, and who they are. */
async function claimAll(stage: Stage, claimers: PrivateKeyAccount[]) {
  const paid = await withMatured(stage, claimers)
  if (paid.length === 0) throw new Error('None of the claimers has earned anything yet: use another --seed')
  const gas: number[] = []
  for (const { address } of paid) {
    gas.push(await send(stage, address, 'rounds', 'claim', [TASK_ID, address]))
  }
  return { gas: sum(gas) / gas.length, paid }
}

/** Accounts with matured earnings: somebody whose updates were never audited has held pay only. */
async function withMatured(stage: Stage, accounts: PrivateKeyAccount[]): Promise<PrivateKeyAccount[]> {
  const found: PrivateKeyAccount[] = []
  for (const account of accounts) {
    const { matured } = await read(stage, 'lens', 'earningsOf', [TASK_ID, account.address])
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

/** What the court has Rounds do, each alone in a transaction; the first ones in a task, with pay of the last round. */
async function cases(stage: Stage) {
  const [accused, other] = await withPending(stage, stage.contributors)
  if (accused === undefined || other === undefined) throw new Error('Nobody has earned anything yet')
  const { court } = stage.addresses
  const seize = await send(stage, court, 'rounds', 'seize', [TASK_ID, accused.address])
  const forfeit = await send(stage, court, 'rounds', 'forfeit', [TASK_ID, accused.address])
  await send(stage, court, 'rounds', 'seize', [TASK_ID, other.address])
  const restore = await send(stage, court, 'rounds', 'restore', [TASK_ID, other.address])
  const { baseModelHash: model } = await read(stage, 'lens', 'roundOf', [TASK_ID])
  const rollBack = await send(stage, court, 'rounds', 'rollBackModel', [TASK_ID, 2, model])
  return { seize, restore, forfeit, rollBack }
}

/** A slash as Rounds makes it, alone in a transaction. */
async function slash(stage: Stage): Promise<number> {
  const validator = stage.validators[0]?.address
  if (validator === undefined) throw new Error('The stage has no validators')
  const reason = encodeSlashReason('missedDuty')
  return await send(stage, stage.addresses.rounds, 'registry', 'slash', [
    validator,
    TASK_ID,
    ASSAY,
    reason,
    0n,
  ])
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function rounded<T extends Partial<Figures>>(figures: T): T {
  return Object.fromEntries(Object.entries(figures).map(([name, gas]) => [name, Math.round(gas)])) as T
}
