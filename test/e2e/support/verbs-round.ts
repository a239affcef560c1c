import { type AggregateVote, readAggregateVotes, requireWholeLog } from '@assay/oracle/aggregate-votes.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { iRoundsLensAbi } from '@assay/sdk/generated/IRoundsLens.ts'
import { assignCohorts, cohortSeats } from '@assay/sdk/protocol/cohorts.ts'
import { pageDigest, submissionTypedData } from '@assay/sdk/protocol/commitments.ts'
import type { SettledMember } from '@assay/sdk/protocol/results.ts'
import { earlyBonusBps } from '@assay/sdk/protocol/reward-formula.ts'
import { cohortCount, isAudited, ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { judgeMember, NEWCOMER, type Standing, settleMember } from '@assay/sdk/protocol/settlement.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { finalizeRound } from '@assay/sdk/verbs/rounds/finalize-round.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { readCohortResults } from '@assay/sdk/verbs/rounds/read-cohort-results.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readReveals } from '@assay/sdk/verbs/rounds/read-reveals.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readSubmissions } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { settle } from '@assay/sdk/verbs/rounds/settle.ts'
import { voteAggregates } from '@assay/sdk/verbs/rounds/vote-aggregates.ts'
import { voteModel } from '@assay/sdk/verbs/rounds/vote-model.ts'
import { readTaskFunds } from '@assay/sdk/verbs/tasks/read-task-funds.ts'
import { expect } from 'chai'
import { type Address, domainSeparator, keccak256, toHex, zeroHash } from 'viem'
import {
  commitAndReveal,
  done,
  PHASE_SECONDS,
  refusalOf,
  SEATS,
  type Sheets,
  scoreAll,
  type VerbsScene,
  WINDOWS,
} from './verbs-scene.ts'

const MODEL = keccak256(toHex('model of round 1'))
const taskId = 1n

/** Events, page digests and signatures mean the same on both sides. */
export async function expectSubmissions({ owner, chain }: VerbsScene): Promise<void> {
  const submissions = await readSubmissions(owner, { taskId })
  const { rounds: address, roundsLens: lens } = chain.deployment.contracts
  for (const page of [0, 1]) {
    const digest = await owner.chain.readContract({
      address: lens,
      abi: iRoundsLensAbi,
      functionName: 'submissionPage',
      args: [taskId, 1, BigInt(page)],
    })
    expect(digest).to.equal(pageDigest(submissions.slice(32 * page, 32 * page + 32)))
  }
  const place = { chainId: chain.chainId, rounds: address, taskId, round: 1, commitment: zeroHash }
  const domain = submissionTypedData(place).domain
  const separator = await owner.chain.readContract({
    address,
    abi: iRoundsAbi,
    functionName: 'domainSeparator',
  })
  expect(separator).to.equal(domainSeparator({ domain }))
}

type Round = { params: TaskParams; standings: Map<Address, Standing>; round: number }

/** Scores and settles the open round and compares the event of each cohort with what the twin says. */
export async function settleRound(scene: VerbsScene, { params, standings, round }: Round): Promise<void> {
  const sheets = await scoreAll(scene, taskId)
  await commitAndReveal(scene, taskId, sheets)
  const submissions = await readSubmissions(scene.owner, { taskId })
  const { beacon } = await readRound(scene.owner, { taskId })
  const cohorts = assignCohorts({ beacon: beacon!, count: submissions.length })
  const members = cohorts.map((indices) => indices.map((index) => submissions[index]!.contributor))
  await expectSeats(scene, beacon!, sheets)

  const before = await readTaskFunds(scene.owner, { taskId })
  await done(settle(scene.owner, { taskId, cohorts: [1, 0], contributors: [...members[1]!, ...members[0]!] }))
  const predicted: SettledMember[][] = []
  let credited = 0n
  for (const [cohort, contributors] of members.entries()) {
    const seats = (await readCohort(scene.owner, { taskId, cohort })).seats
    const settled = contributors.map((contributor, position) => {
      const findings = seats.map((validator, seat) => ({
        seat,
        entry: entryOf(sheets, validator, cohort, position),
      }))
      const standing = standings.get(contributor) ?? NEWCOMER
      const bonus = earlyBonusBps(params.earlyBonusBps, params.earlyBonusRounds, round)
      const terms = { ...params, computeUnits: params.computeUnitsPerRound, earlyBonusBps: bonus }
      const last = { windows: WINDOWS, isLastRound: round === params.maxRounds }
      const dataUnits = Math.min(100 + 30 * indexOf(scene, contributor), params.dataUnitsLimit)
      const named = round >= params.maxRounds || isAudited({ beacon: beacon!, contributor, ...standing })
      const draw = { committeeSize: SEATS, windows: WINDOWS, named }
      return {
        contributor,
        ...settleMember(judgeMember(findings, draw, standing), standing, { ...terms, ...last, dataUnits }),
      }
    })
    for (const member of settled) standings.set(member.contributor, member.standing)
    credited += settled.reduce((sum, member) => sum + member.credited, 0n)
    predicted.push(settled.map(({ result }) => result))
  }

  const results = await readCohortResults(scene.owner, { taskId })
  expect(results).to.deep.equal(predicted.map((member, cohort) => ({ cohort, results: member })))
  const after = await readTaskFunds(scene.owner, { taskId })
  expect(after.credited - before.credited).to.equal(credited)
  await expectStandings(scene, standings)
}

async function expectSeats(scene: VerbsScene, beacon: `0x${string}`, sheets: Sheets[]): Promise<void> {
  const { validators, weights } = await readRoster(scene.owner, { taskId })
  for (const cohort of [0, 1]) {
    const seats = cohortSeats({ beacon, cohort, attempt: 0, weights, committeeSize: SEATS })
    const onChain = await readCohort(scene.owner, { taskId, cohort })
    expect(onChain.seats).to.deep.equal(seats.map((index) => validators[index]))
  }
  const reveals = await readReveals(scene.owner, { taskId })
  expect(reveals).to.have.length(sheets.reduce((sum, { cohorts }) => sum + cohorts.length, 0))
  expect(reveals.flatMap(({ sheet }) => sheet)).to.deep.equal(sheets.flatMap(({ words }) => words))
}

async function expectStandings(scene: VerbsScene, standings: Map<Address, Standing>): Promise<void> {
  for (const [contributor, standing] of standings) {
    const participant = await readParticipant(scene.owner, { taskId, contributor })
    const { held } = await readEarnings(scene.owner, { taskId, account: contributor })
    const { reputationBps, runningQualityBps, runningRarityBps, provenWindows, seen, judged, flagged } =
      participant
    const actual = {
      reputationBps,
      runningQualityBps,
      runningRarityBps,
      provenWindows,
      seen,
      judged,
      flagged,
      held,
      heldRounds: participant.heldRounds.length,
    }
    expect(actual, contributor).to.deep.equal(standing)
  }
}

function entryOf(sheets: Sheets[], validator: Address, cohort: number, position: number) {
  const { cohorts, entries } = sheets.find(({ client }) => client.wallet.account.address === validator)!
  return entries[cohorts.indexOf(cohort)]![position]!
}

function indexOf({ contributors }: VerbsScene, contributor: Address): number {
  return contributors.findIndex(({ wallet }) => wallet.account.address === contributor)
}

export async function voteAndFinalize(scene: VerbsScene): Promise<void> {
  const { owner, chain, validators } = scene
  const clientOf = (account: Address) => validators.find(({ wallet }) => wallet.account.address === account)!
  const { seats } = await readCohort(owner, { taskId, cohort: 0 })
  const hashes = [keccak256(toHex('aggregate'))]
  await done(voteAggregates(clientOf(seats[0]!), { taskId, cohorts: [0], hashes }))
  const again = await refusalOf(voteAggregates(clientOf(seats[0]!), { taskId, cohorts: [0], hashes }))
  expect(again.name).to.equal('Rounds_AlreadyVoted')

  await chain.mine(PHASE_SECONDS)
  expect((await readRound(owner, { taskId })).phase).to.equal('RootVote')
  await expectTheLogIsChecked(scene)
  const { seats: root } = await readCohort(owner, { taskId, cohort: ROOT_COHORT })
  for (const seat of root) await done(voteModel(clientOf(seat), { taskId, modelHash: MODEL }))
  await done(finalizeRound(owner, { taskId }))
}

/** Votes are taken from the log only when it shows what the chain counts: no less, no more, no others. */
async function expectTheLogIsChecked({ owner }: VerbsScene): Promise<void> {
  const { round, submissions } = await readRound(owner, { taskId })
  const place = {
    taskId,
    round,
    cohorts: cohortCount(submissions),
    blockNumber: await owner.chain.getBlockNumber(),
  }
  const votes = await readAggregateVotes(owner, { taskId, round })
  expect(votes).to.have.length(1)
  const [vote] = votes as [AggregateVote]

  await requireWholeLog(owner, place, votes)
  for (const wrong of [[], [vote, vote], [{ ...vote, hash: MODEL }], [{ ...vote, cohort: 1 }]]) {
    const failure = await requireWholeLog(owner, place, wrong).catch((error: Error) => error.message)
    expect(failure).to.include('it lags behind')
  }
  const ahead = { ...place, blockNumber: place.blockNumber + 1n }
  expect(await requireWholeLog(owner, ahead, votes).catch(() => 'the node lacks the block')).to.be.a('string')
}
