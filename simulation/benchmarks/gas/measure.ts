import { deriveSeed, type Hash } from '@assay/sdk/random.ts'
import { stringToHex } from 'viem'
import type { Figures } from './figures.ts'
import { mature, playRound, type RoundGas } from './play-round.ts'
import { give, read, type Stage, send, setStage, TASK_ID, warpTo } from './stage.ts'

const ASSAY = 10n ** 18n
const COMMITTEE_SIZE = 5
const VALIDATORS = 11
/** Contributors whose claims are measured. */
const CLAIMERS = 5

/** Plays two rounds with `contributorCount` contributors and every other verb of theirs; the figures are whole transactions. */
export async function measure(seed: Hash, contributorCount: number): Promise<Figures> {
  const stage = await setStage({
    seed: deriveSeed(seed, 'stage', BigInt(contributorCount)),
    contributorCount,
    validatorCount: VALIDATORS,
    committeeSize: COMMITTEE_SIZE,
  })
  const first = shares(await playRound(stage))
  const later = shares(await playRound(stage))
  const claimFirst = await claimAll(stage)
  await playRound(stage)
  const claim = await claimAll(stage)
  return rounded({
    ...(await stakes(stage)),
    submit: later.submit,
    submitFirst: first.submit,
    submitRelayedPerHead: later.relayed,
    submitRelayedPerHeadFirst: first.relayed,
    scorePerEntry: later.score,
    scorePerEntryFirst: first.score,
    settlePerContributor: later.settle,
    settlePerContributorFirst: first.settle,
    claim,
    claimFirst,
    slash: await slash(stage),
    roundPerContributor: later.submit + later.others,
    roundPerContributorFirst: first.submit + first.others,
    roundPerContributorRelayed: later.relayed + later.others,
    roundPerContributorRelayedFirst: first.relayed + first.others,
  })
}

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

/** Mean of a claim of all matured earnings, over the first contributors that have some. */
async function claimAll(stage: Stage): Promise<number> {
  await mature(stage)
  const gas: number[] = []
  for (const { address } of stage.contributors.slice(0, CLAIMERS)) {
    // An update that the beacon drew for no audit has earned held pay only.
    const { matured } = await read(stage, 'rounds', 'earningsOf', [TASK_ID, address])
    if (matured > 0n) gas.push(await send(stage, address, 'rounds', 'claim', [TASK_ID, address]))
  }
  if (gas.length === 0) throw new Error('None of the claimers had matured earnings')
  return sum(gas) / gas.length
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
