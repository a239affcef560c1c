import type { AssayClient } from '@assay/sdk/client/clients.ts'
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import { largestRoundCost } from '@assay/sdk/protocol/reward-formula.ts'
import type { Standing } from '@assay/sdk/protocol/settlement.ts'
import { epochSeconds, type TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { approve } from '@assay/sdk/verbs/assay-token/approve.ts'
import { claim } from '@assay/sdk/verbs/rounds/claim.ts'
import { claimMany } from '@assay/sdk/verbs/rounds/claim-many.ts'
import { claimTo } from '@assay/sdk/verbs/rounds/claim-to.ts'
import { closeSubmissions } from '@assay/sdk/verbs/rounds/close-submissions.ts'
import { collect } from '@assay/sdk/verbs/rounds/collect.ts'
import { finalizeRound } from '@assay/sdk/verbs/rounds/finalize-round.ts'
import { openRound } from '@assay/sdk/verbs/rounds/open-round.ts'
import { readCohortResults } from '@assay/sdk/verbs/rounds/read-cohort-results.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { ready } from '@assay/sdk/verbs/rounds/ready.ts'
import { seal } from '@assay/sdk/verbs/rounds/seal.ts'
import { submit } from '@assay/sdk/verbs/rounds/submit.ts'
import { submitBatch } from '@assay/sdk/verbs/rounds/submit-batch.ts'
import { voidCohort } from '@assay/sdk/verbs/rounds/void-cohort.ts'
import { burnSlashed } from '@assay/sdk/verbs/stake-registry/burn-slashed.ts'
import { cancelUnstake } from '@assay/sdk/verbs/stake-registry/cancel-unstake.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { requestUnstake } from '@assay/sdk/verbs/stake-registry/request-unstake.ts'
import { stake } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { withdraw } from '@assay/sdk/verbs/stake-registry/withdraw.ts'
import { closeTask } from '@assay/sdk/verbs/tasks/close-task.ts'
import { createTask } from '@assay/sdk/verbs/tasks/create-task.ts'
import { enrol } from '@assay/sdk/verbs/tasks/enrol.ts'
import { fundTask } from '@assay/sdk/verbs/tasks/fund-task.ts'
import { joinValidators } from '@assay/sdk/verbs/tasks/join-validators.ts'
import { leave } from '@assay/sdk/verbs/tasks/leave.ts'
import { leaveValidators } from '@assay/sdk/verbs/tasks/leave-validators.ts'
import { readEncryptionKeys } from '@assay/sdk/verbs/tasks/read-encryption-keys.ts'
import { readEnrolments } from '@assay/sdk/verbs/tasks/read-enrolments.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { readTaskCount } from '@assay/sdk/verbs/tasks/read-task-count.ts'
import { readTaskFunds } from '@assay/sdk/verbs/tasks/read-task-funds.ts'
import { refundTask } from '@assay/sdk/verbs/tasks/refund-task.ts'
import { releaseValidator } from '@assay/sdk/verbs/tasks/release-validator.ts'
import { expect } from 'chai'
import { type Address, encodeFunctionData, erc20Abi, keccak256, parseEther, toHex } from 'viem'
import { expectSubmissions, settleRound, voteAndFinalize } from './support/verbs-round.ts'
import {
  done,
  PHASE_SECONDS,
  playToSeal,
  refusalOf,
  signedByAll,
  startVerbsScene,
  taskParamsOf,
  type VerbsScene,
} from './support/verbs-scene.ts'
import { expectWordsProven } from './support/verbs-words.ts'

const CONTRIBUTORS = 21
const FUNDING = parseEther('1')
const MODEL = keccak256(toHex('model of round 1'))
const taskId = 1n

describe('Verbs of the sdk on a chain', () => {
  let scene: VerbsScene
  let params: TaskParams
  const standings = new Map<Address, Standing>()
  const addressOf = ({ wallet }: AssayClient) => wallet.account.address

  before(async () => {
    scene = await startVerbsScene(CONTRIBUTORS)
    params = taskParamsOf(scene)
  })
  after(() => scene.stop())

  it('stake with a permit, in one transaction', async () => {
    await giveTokens(scene)
    const [first, ...others] = [...scene.validators, ...scene.contributors]
    const before = await nonceOf(first!)
    await done(stake(first!, { amount: parseEther('500') }))
    expect((await nonceOf(first!)) - before).to.equal(1)
    for (const client of others) await done(stake(client, { amount: parseEther('500') }))
    const { active, free, availableAt } = await readStake(first!, { account: addressOf(first!) })
    expect({ active, free, availableAt }).to.deep.equal({
      active: parseEther('500'),
      free: parseEther('500'),
      availableAt: undefined,
    })
  })

  it('stake from an account that the node holds, and what was approved before', async () => {
    const held = await scene.clientOf(addressOf(scene.owner))
    await done(stake(held, { amount: 5n }))
    const { assayToken: token, stakeRegistry: spender } = scene.chain.deployment.contracts
    await done(approve(scene.owner, { token, spender, amount: 7n }))
    await done(stake(scene.owner, { amount: 7n }))
    expect((await readStake(held, { account: addressOf(held) })).active).to.equal(12n)
  })

  it('ask stake back, think again, and say when it is too early', async () => {
    const { value } = await done(requestUnstake(scene.owner, { amount: 12n }))
    const { availableAt, unbonding } = await readStake(scene.owner, { account: addressOf(scene.owner) })
    expect({ availableAt, unbonding }).to.deep.equal({ availableAt: value.availableAt, unbonding: 12n })

    const early = await refusalOf(withdraw(scene.owner))
    expect(early.name).to.equal('StakeRegistry_StillUnbonding')
    expect(early.values).to.deep.equal({ availableAt: BigInt(value.availableAt) })
    await done(cancelUnstake(scene.owner))
    expect((await refusalOf(withdraw(scene.owner))).name).to.equal('StakeRegistry_NothingUnbonding')
  })

  it('publish and fund a task', async () => {
    const { value } = await done(createTask(scene.owner, { params }))
    expect(value.taskId).to.equal(taskId)
    expect(await readTaskCount(scene.owner)).to.equal(1n)
    const task = await readTask(scene.owner, { taskId })
    expect(task).to.deep.include({ owner: addressOf(scene.owner), closed: false, params })
    const limits = { ...params, computeUnits: params.computeUnitsPerRound, dataUnits: params.dataUnitsLimit }
    expect(task.largestRoundCost).to.equal(largestRoundCost(limits))

    await done(fundTask(scene.owner, { taskId, amount: FUNDING }))
    expect(await readTaskFunds(scene.owner, { taskId })).to.deep.equal({
      available: FUNDING,
      reserved: 0n,
      funded: FUNDING,
      refunded: 0n,
      credited: 0n,
      held: 0n,
      purse: 0n,
      forfeited: 0n,
    })
  })

  it('enrol contributors and join validators', async () => {
    for (const [i, client] of scene.contributors.entries()) {
      await done(enrol(client, { taskId, sampleRoot: keccak256(toHex(i)), dataUnits: 100 + 30 * i }))
    }
    for (const [i, client] of scene.validators.entries()) {
      const amount = parseEther(String(100 + 20 * i))
      await done(joinValidators(client, { taskId, amount, encryptionKey: toHex(i, { size: 64 }) }))
      await done(ready(client, { taskId, poolRoot: params.poolRoot }))
    }
    const enrolments = await readEnrolments(scene.owner, { taskId })
    expect(enrolments.map(({ contributor }) => contributor)).to.deep.equal(scene.contributors.map(addressOf))
    expect(enrolments[20]!.dataUnits).to.equal(700)
    const keys = await readEncryptionKeys(scene.owner, { taskId })
    expect(keys.get(addressOf(scene.validators[3]!))).to.equal(toHex(3, { size: 64 }))
    const contributor = addressOf(scene.contributors[20]!)
    const participant = await readParticipant(scene.owner, { taskId, contributor })
    expect(participant).to.include({
      enrolled: true,
      reputationBps: 5_000,
      dataUnits: params.dataUnitsLimit,
      seen: 0,
    })
    expect(participant.dataRoot).to.equal(dataRootOf(keccak256(toHex(20)), 700))
    expect(participant.dataRoot).to.equal(enrolments[20]!.dataRoot)
  })

  it('submit alone and relayed, skipping what is wrong', async () => {
    await done(openRound(scene.owner, { taskId }))
    const signed = await signedByAll(scene, taskId, 1)
    const [own, ...rest] = signed
    await done(submit(scene.contributors[0]!, { taskId, commitment: own!.commitment }))
    const again = await refusalOf(submit(scene.contributors[0]!, { taskId, commitment: own!.commitment }))
    expect(again.name).to.equal('Rounds_AlreadySubmitted')

    const forged = { ...rest[0]!, signature: rest[1]!.signature }
    const { value } = await done(
      submitBatch(scene.owner, { taskId, round: 1, signed: [own!, forged, ...rest] }),
    )
    expect(value).to.deep.equal({
      accepted: CONTRIBUTORS - 1,
      skipped: [
        { contributor: own!.contributor, reason: 'alreadySubmitted' },
        { contributor: forged.contributor, reason: 'badSignature' },
      ],
    })
    await expectSubmissions(scene)
  })

  it('close and seal, each in its phase', async () => {
    const early = await refusalOf(closeSubmissions(scene.owner, { taskId }))
    expect(early.name).to.equal('Rounds_WrongPhase')
    expect(early.message).to.include('is accepting submissions')
    await scene.chain.mine(PHASE_SECONDS)
    expect((await readRound(scene.owner, { taskId })).phase).to.equal('CloseDue')
    await done(closeSubmissions(scene.owner, { taskId }))
    expect((await refusalOf(seal(scene.owner, { taskId }))).name).to.equal('Rounds_BeaconPending')
    await scene.chain.mine()
    await scene.chain.mine()
    await done(seal(scene.owner, { taskId }))
    const state = await readRound(scene.owner, { taskId })
    expect(state).to.include({ round: 1, phase: 'Open', cohorts: 2, submissions: CONTRIBUTORS })
    expect(state.commitEnd! - state.openEnd!).to.equal(PHASE_SECONDS)
  })

  it('score, settle, and come to the same wei as the twin', async () => {
    await settleRound(scene, { params, standings, round: 1 })
  })

  it('vote the model, finalize and pay validators', async () => {
    await voteAndFinalize(scene)
    const state = await readRound(scene.owner, { taskId })
    expect(state).to.include({ phase: 'Idle', baseModelHash: MODEL })
    const { credited, held, purse, reserved } = await readTaskFunds(scene.owner, { taskId })
    expect({ purse, reserved }).to.deep.equal({ purse: credited, reserved: held })
    expect((await done(collect(scene.owner, { taskId }))).value.amount).to.equal(0n)
    const accounts = [...scene.contributors, ...scene.validators].map(addressOf)
    const earned = await Promise.all(
      accounts.map((account) => readEarnings(scene.owner, { taskId, account })),
    )
    expect(earned.reduce((sum, { matured, pending }) => sum + matured + pending, 0n)).to.equal(credited)
    expect(earned.reduce((sum, earnings) => sum + earnings.held, 0n)).to.equal(held)
  })

  it('accuse a score, votes and a claimed pass, proven from events alone', () => expectWordsProven(scene))

  it('play another round, with what the first one left', async () => {
    await playToSeal(scene, taskId)
    await settleRound(scene, { params, standings, round: 2 })
    expect(await readCohortResults(scene.owner, { taskId, round: 1 })).to.have.length(2)
    await scene.chain.mine(2 * PHASE_SECONDS)
    await done(finalizeRound(scene.owner, { taskId }))
    expect((await readRound(scene.owner, { taskId })).baseModelHash).to.equal(MODEL)
  })

  it('void the cohorts that nobody scored', async () => {
    await playToSeal(scene, taskId)
    await scene.chain.mine(5 * PHASE_SECONDS)
    await done(leaveValidators(scene.validators[1]!, { taskId }))
    for (const cohort of [0, 1]) await done(voidCohort(scene.owner, { taskId, cohort }))
    expect((await readRound(scene.owner, { taskId })).cohortsVoid).to.equal(2)
    await done(finalizeRound(scene.owner, { taskId }))
    expect(await readCohortResults(scene.owner, { taskId })).to.deep.equal([])
  })

  it('claim for oneself, to another account and for many', async () => {
    await scene.chain.mine(2 * epochSeconds(params))
    const earners = await withEarnings(scene)
    expect(earners.length).to.be.above(4)
    const [first, second, third] = earners as [Earner, Earner, Earner]
    expect((await done(claim(first.client, { taskId }))).value.amount).to.equal(first.matured)
    expect((await refusalOf(claim(first.client, { taskId }))).name).to.equal('Rounds_NothingMatured')
    const to = '0x00000000000000000000000000000000000000c1'
    expect((await done(claimTo(second.client, { taskId, to }))).value.amount).to.equal(second.matured)
    expect(await balanceOf(scene, to)).to.equal(second.matured)

    const requests = [third, first].map(({ client }) => ({ taskId, account: addressOf(client) }))
    const { value } = await done(claimMany(scene.owner, { requests }))
    expect(value.paid).to.deep.equal([{ ...requests[0]!, amount: third.matured }])
    expect(value.skipped).to.deep.equal([requests[1]])
  })

  it('leave, close, refund and withdraw', async () => {
    const [contributor, validator] = [scene.contributors[0]!, scene.validators[0]!]
    await done(leave(contributor, { taskId, minReleased: 0n }))
    expect(
      (await readParticipant(contributor, { taskId, contributor: addressOf(contributor) })).enrolled,
    ).to.equal(false)
    await done(leaveValidators(validator, { taskId }))
    expect((await readValidator(validator, { taskId, validator: addressOf(validator) })).bid).to.equal(
      undefined,
    )
    expect((await readStake(validator, { account: addressOf(validator) })).reserved).to.equal(0n)
    // This one left while its last round was not final yet.
    const gone = addressOf(scene.validators[1]!)
    await done(releaseValidator(scene.owner, { taskId, validator: gone }))
    expect((await readStake(validator, { account: gone })).reserved).to.equal(0n)

    await done(closeTask(scene.owner, { taskId }))
    expect((await refusalOf(openRound(scene.owner, { taskId }))).name).to.match(/_(Closed|TaskClosed)$/)
    expect((await refusalOf(refundTask(scene.owner, { taskId }))).name).to.equal('Tasks_NothingToRefund')
    const { available, funded, refunded, reserved } = await readTaskFunds(scene.owner, { taskId })
    expect(available).to.equal(0n)
    expect(refunded > 0n && refunded + reserved <= funded).to.equal(true)

    const { free } = await readStake(contributor, { account: addressOf(contributor) })
    const { value } = await done(requestUnstake(contributor, { amount: free }))
    await mineUntil(scene, value.availableAt)
    expect((await done(withdraw(contributor))).value.amount).to.equal(free)
    expect((await done(burnSlashed(scene.owner))).value.amount >= parseEther(String(CONTRIBUTORS))).to.equal(
      true,
    )
  })
})

// ---- parts of the story

async function giveTokens({ chain, owner, validators, contributors }: VerbsScene): Promise<void> {
  const { assayToken: to } = chain.deployment.contracts
  const calls = [...validators, ...contributors].map(({ wallet }) => ({
    account: chain.accounts[0]!,
    call: {
      to,
      data: encodeFunctionData({
        abi: erc20Abi,
        functionName: 'transfer',
        args: [wallet.account.address, parseEther('1000')],
      }),
    },
  }))
  await chain.sendAll(calls)
  expect(await balanceOf({ chain, owner }, validators[0]!.wallet.account.address)).to.equal(
    parseEther('1000'),
  )
}

type Earner = { client: AssayClient; matured: bigint }

async function withEarnings({ contributors }: VerbsScene): Promise<Earner[]> {
  const all = contributors.map(async (client) => ({
    client,
    matured: (await readEarnings(client, { taskId, account: client.wallet.account.address })).matured,
  }))
  return (await Promise.all(all)).filter(({ matured }) => matured > 0n)
}

function balanceOf({ chain, owner }: Pick<VerbsScene, 'chain' | 'owner'>, account: Address): Promise<bigint> {
  const { assayToken: address } = chain.deployment.contracts
  return owner.chain.readContract({ address, abi: erc20Abi, functionName: 'balanceOf', args: [account] })
}

function nonceOf(client: AssayClient): Promise<number> {
  return client.chain.getTransactionCount({ address: client.wallet.account.address })
}

async function mineUntil({ chain }: VerbsScene, seconds: number): Promise<void> {
  const { timestamp } = await chain.client.getBlock()
  await chain.mine(seconds - Number(timestamp) + 1)
}
