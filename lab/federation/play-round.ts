/** One round: trained, sealed, opened, judged, settled, aggregated, by the functions that daemons and contracts have for it. */
import { learnOpenings } from '@assay/oracle/draw-up.ts'
import type { Member, RoundFacts } from '@assay/oracle/round-facts.ts'
import { auditedMembers, cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import { cohortCount, MIN_WEIGHT } from '@assay/sdk/protocol/sampling.ts'
import { hear, NO_DEADLINE } from './committee.ts'
import type { LabContributor } from './contributor.ts'
import { type CpuMeter, openCpuMeter } from './cpu.ts'
import { TASK_ID } from './deployment.ts'
import { beaconOf, type Federation, type FederationOptions } from './federation.ts'
import { nextByRule } from './next-by-rule.ts'
import { type NextModel, nextModel, type Settled } from './next-model.ts'
import { settleCohort } from './settle-cohort.ts'
import { showWindows } from './show-windows.ts'
import type { LabValidator } from './validator.ts'
import { doWork, letGo, openWork, type Work, type WorkGround } from './work.ts'

/** What a round costs whom. */
export type RoundMeters = {
  /** Training steps of all contributors. */
  training: CpuMeter
  /** What they do besides: hashes, commitments, evidence. */
  overhead: CpuMeter
  /** All seats together. */
  verification: CpuMeter
}

export type PlayedRound = {
  round: number
  settled: readonly Settled[]
  /** Cohorts without a majority of reveals. */
  voidCohorts: number
  next: NextModel
  meters: RoundMeters
}

/** Plays the next round of a federation, and leaves the federation after it. */
export async function playRound(federation: Federation, round: number): Promise<PlayedRound> {
  const { options, models, beacons, store } = federation
  const meters = { training: openCpuMeter(), overhead: openCpuMeter(), verification: openCpuMeter() }
  const works = await workOfAll(federation, round, meters)
  beacons.push(beaconOf(options.seed, round))
  const { combine } = options.rule
  const played =
    combine === undefined
      ? await judgeRound(federation, { round, works, meters })
      : { settled: [], voidCohorts: 0, next: await nextByRule(federation, combine, works) }
  models.push({ hash: played.next.hash, state: played.next.state })
  for (const work of works) letGo(work)
  store.clear()
  return { round, meters, ...played }
}

/** Opens, judges, settles and aggregates a round, as validators and contracts would. */
async function judgeRound(
  federation: Federation,
  { round, works, meters }: { round: number; works: readonly Work[]; meters: RoundMeters },
): Promise<Pick<PlayedRound, 'settled' | 'voidCohorts' | 'next'>> {
  const facts = factsOf(federation, { round, works })
  await meters.overhead.during(() => openAll(federation, works))
  await learn(federation, facts, meters)

  const settled: Settled[] = []
  let voidCohorts = 0
  for (let cohort = 0; cohort < cohortCount(works.length); cohort++) {
    const one = await settle(federation, { facts, works, cohort, meters })
    if (one === undefined) voidCohorts += 1
    else settled.push(one)
  }
  const ground = {
    ...federation,
    context: federation.validators[0]!.context,
    base: federation.models.at(-1)!.state,
  }
  const next = await nextModel({ ...ground, verification: meters.verification }, facts, settled)
  return { settled, voidCohorts, next }
}

/** Everybody's work in the order of submissions: attackers wait until the honest have trained. */
async function workOfAll(federation: Federation, round: number, meters: RoundMeters): Promise<Work[]> {
  const { contributors, contents, engine, models, beacons, params, honest, submissions } = federation
  const ground: WorkGround = {
    contents,
    engine,
    round,
    isLastRound: round >= params.maxRounds,
    base: models.at(-1)!.state,
    baseModelHash: models.at(-1)!.hash,
    previousBase: models.at(-2)?.state,
    previousBeacon: beacons.at(-1)!,
  }
  const works: Work[] = []
  for (const isAttacker of [false, true]) {
    for (const one of contributors.filter((other) => other.isAttacker === isAttacker)) {
      const work = await doWork(ground, one, meters)
      if (work === undefined || one.behaviour.isLate) continue
      one.works.set(round, work)
      works.push(work)
    }
    if (!isAttacker)
      honest.set(
        round,
        works.map((work) => work.made!.trace.at(-1)!),
      )
  }
  submissions.set(
    round,
    works.map(({ contributor, commitment }) => ({ contributor: contributor.account.address, commitment })),
  )
  return works
}

/** What the chain would say of the sealed round. All validators stake the same. */
function factsOf(
  { models, beacons, params, validators }: Federation,
  { round, works }: { round: number; works: readonly Work[] },
): RoundFacts {
  return {
    taskId: TASK_ID,
    round,
    beacon: beacons[round]!,
    previousBeacon: beacons[round - 1]!,
    baseModelHash: models.at(-1)!.hash,
    openedBlock: 0n,
    params,
    poolRoot: params.poolRoot as RoundFacts['poolRoot'],
    submissions: works.map(({ contributor, commitment }, index) => ({
      contributor: contributor.account.address,
      index,
      commitment,
    })),
    count: works.length,
    committeeSize: params.committeeSize,
    validators: validators.map(({ address }) => address),
    weights: validators.map(() => MIN_WEIGHT),
    // Without keys nobody can check what others were shown: the lab shows the same to all readers.
    encryptionKeys: new Map(),
    rosterIndex: undefined,
  }
}

async function openAll({ store }: Federation, works: readonly Work[]): Promise<void> {
  for (const work of works)
    if (work.contributor.behaviour.shouldOpen?.(work.ground.round) !== false) await openWork(store, work)
}

/** Each validator reads all openings; here they share a database, so one reads for all. */
async function learn(
  { store, db, validators }: Federation,
  facts: RoundFacts,
  { verification }: RoundMeters,
): Promise<void> {
  await verification.duringFor(validators.length, () => learnOpenings({ store, db }, facts, NO_DEADLINE))
}

/** A cohort's results; undefined if it is void. */
async function settle(
  federation: Federation,
  {
    facts,
    works,
    cohort,
    meters,
  }: { facts: RoundFacts; works: readonly Work[]; cohort: number; meters: RoundMeters },
): Promise<Settled | undefined> {
  const { store, validators } = federation
  const own = cohortMembers({ ...facts, cohort }).map((index) => works[index]!)
  const members = own.map((work) => memberOf(facts, work, federation.options))
  const isLastRound = facts.round >= facts.params.maxRounds
  const audited = auditedMembers({ beacon: facts.beacon, isLastRound, members })
  federation.judged = own.map(({ contributor: { standing, isAttacker } }, i) => ({
    isNamed: audited[i]!,
    runningQualityBps: standing.runningQualityBps,
    runningRarityBps: standing.runningRarityBps,
    isAttacker,
  }))
  const show = async (committee: readonly LabValidator[]) => {
    const judges = { ...facts, isLastRound, committee: committee.map(({ address }) => address) }
    for (const [i, work] of own.entries())
      if (audited[i]) await meters.overhead.during(() => showWindows(store, work, judges))
  }
  const { verification } = meters
  const revealed = await hear({ facts, cohort, members, validators, verification, show })
  if (revealed === undefined) return undefined
  const contributorOf = (member: Member): LabContributor => own[members.indexOf(member)]!.contributor
  return { cohort, members, outcomes: settleCohort(facts, { members, revealed }, contributorOf) }
}

function memberOf(
  { submissions }: RoundFacts,
  { contributor, commitment }: Work,
  { auditsAll }: FederationOptions,
): Member {
  const { account, standing, heldRounds, dataRoot, data } = contributor
  const { flagged, reputationBps, seen } = standing
  const submission = submissions.find((one) => one.commitment === commitment)!
  return {
    ...submission,
    contributor: account.address,
    enrolled: true,
    flagged,
    reputationBps,
    seen: auditsAll ? 0 : seen,
    heldRounds,
    dataRoot,
    sampleCount: data.n,
  }
}
