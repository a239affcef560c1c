import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { decodeFailure } from '@assay/sdk/client/errors.ts'
import { type Bid, STANDINGS } from '@assay/sdk/protocol/bid-views.ts'
import { PHASES } from '@assay/sdk/protocol/phases.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { readBids } from '@assay/sdk/verbs/rounds/read-bids.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { readCohortVotes } from '@assay/sdk/verbs/rounds/read-cohort-votes.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readMaySubmit } from '@assay/sdk/verbs/rounds/read-may-submit.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readRoundAndPool } from '@assay/sdk/verbs/rounds/read-round-and-pool.ts'
import { readStanding } from '@assay/sdk/verbs/rounds/read-standing.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { readTaskFunds } from '@assay/sdk/verbs/tasks/read-task-funds.ts'
import { type Address, zeroAddress, zeroHash } from 'viem'
import { read, type Stage, TASK_ID } from '../../benchmarks/gas/stage.ts'

const taskId = TASK_ID

/** One question with the answer of the lens and that of the sdk. */
export type Pair = { question: string; lens: unknown; sdk: unknown }

/** Asks RoundsLens and the sdk everything about the task, about some accounts and about cohorts, one that is not there too. */
export async function answers(stage: Stage, reader: AssayReader): Promise<Pair[]> {
  const { contributors, validators, outsider } = stage
  const some = [contributors[0]!, contributors.at(-1)!, validators[0]!, validators.at(-1)!, outsider]
  return ask(reader, () => [
    ...questionsOfTask(stage, reader),
    ...some.flatMap(({ address }) => questionsOfAccount(stage, reader, address)),
    ...[0, 1, 2, ROOT_COHORT].flatMap((cohort) => questionsOfCohort(stage, reader, cohort)),
  ])
}

/** Asks both everything about these accounts. */
export async function answersAbout(
  stage: Stage,
  reader: AssayReader,
  accounts: readonly Address[],
): Promise<Pair[]> {
  return ask(reader, () => accounts.flatMap((account) => questionsOfAccount(stage, reader, account)))
}

/** Asks what `begin` begins to ask. */
async function ask(reader: AssayReader, begin: () => Question[]): Promise<Pair[]> {
  const { phase, round } = await readRound(reader, { taskId })
  return Promise.all(
    begin().map(async ([question, ...asked]) => {
      const [lens, sdk] = await Promise.all(asked.map(answerOf))
      return { question: `${question} in ${phase} of round ${round}`, lens, sdk }
    }),
  )
}

/** What was answered, or the failure of the refusal. */
export function answerOf(reading: Promise<unknown>): Promise<unknown> {
  return reading.catch(decodeFailure)
}

type Question = [question: string, lens: Promise<unknown>, sdk: Promise<unknown>]

function questionsOfTask(stage: Stage, reader: AssayReader): Question[] {
  return [
    ['roundOf', lensRound(stage), readRound(reader, { taskId })],
    ['rosterOf', lensRoster(stage), readRoster(reader, { taskId })],
    ['bidsOf', lensBids(stage), readBids(reader, { taskId })],
    ['poolOf', lensPool(stage), readPool(reader, { taskId })],
    [
      'roundOf and poolOf at once',
      Promise.all([lensRound(stage), lensPool(stage)]).then(([round, pool]) => ({ round, pool })),
      readRoundAndPool(reader, { taskId }),
    ],
    ['totalsOf and purseOf', lensDebts(stage), debts(reader)],
  ]
}

function questionsOfAccount(stage: Stage, reader: AssayReader, account: Address): Question[] {
  const place = [taskId, account] as const
  return [
    [
      `participantOf ${account}`,
      read(stage, 'lens', 'participantOf', place),
      readParticipant(reader, { taskId, contributor: account }).then(({ dataRoot: _, ...record }) => record),
    ],
    [
      `validatorOf ${account}`,
      read(stage, 'lens', 'validatorOf', place).then((view) => ({
        ...view,
        rosterIndex: view.seated ? view.rosterIndex : undefined,
        bid: asBid(view.bid),
        boundUntil: seconds(view.boundUntil),
      })),
      readValidator(reader, { taskId, validator: account }),
    ],
    [
      `earningsOf ${account}`,
      read(stage, 'lens', 'earningsOf', place).then((view) => ({
        ...view,
        nextMaturesAt: seconds(view.nextMaturesAt),
      })),
      readEarnings(reader, { taskId, account }),
    ],
    [
      `standing of ${account}`,
      apart(reader, account),
      readStanding(reader, { taskId, contributor: account }),
    ],
    [
      `maySubmit ${account}`,
      read(stage, 'lens', 'maySubmit', place),
      readMaySubmit(reader, { taskId, contributor: account }),
    ],
  ]
}

/** A contributor's standing by one question for each part. */
async function apart(reader: AssayReader, contributor: Address) {
  const [round, { dataRoot: _, ...me }, earnings] = await Promise.all([
    readRound(reader, { taskId }),
    readParticipant(reader, { taskId, contributor }),
    readEarnings(reader, { taskId, account: contributor }),
  ])
  return { round, me, earnings }
}

function questionsOfCohort(stage: Stage, reader: AssayReader, cohort: number): Question[] {
  const place = [taskId, cohort] as const
  const questions: Question[] = [
    [`cohortOf ${cohort}`, read(stage, 'lens', 'cohortOf', place), readCohort(reader, { taskId, cohort })],
    [`votesOf ${cohort}`, read(stage, 'lens', 'votesOf', place), readCohortVotes(reader, { taskId, cohort })],
  ]
  if (cohort !== ROOT_COHORT) return questions
  const seats = readCohort(reader, { taskId, cohort }).then((root) => root.seats)
  return [...questions, ['rootSeatsOf', read(stage, 'lens', 'rootSeatsOf', [taskId]), seats]]
}

// ---- the lens, in the words of the sdk

const seconds = (time: bigint) => (time === 0n ? undefined : Number(time))

async function lensRound(stage: Stage): Promise<RoundState> {
  const view = await read(stage, 'lens', 'roundOf', [taskId])
  return {
    ...view,
    phase: PHASES[view.phase]!,
    submitEnd: seconds(view.submitEnd),
    openEnd: seconds(view.openEnd),
    commitEnd: seconds(view.commitEnd),
    revealEnd: seconds(view.revealEnd),
    redrawCommitEnd: seconds(view.redrawCommitEnd),
    redrawRevealEnd: seconds(view.redrawRevealEnd),
    cohortVoteEnd: seconds(view.cohortVoteEnd),
    rootVoteEnd: seconds(view.rootVoteEnd),
    closedAt: seconds(view.closedAt),
    beacon: view.beacon === zeroHash ? undefined : view.beacon,
    rollBackHash: view.rollBackHash === zeroHash ? undefined : view.rollBackHash,
  }
}

async function lensRoster(stage: Stage) {
  const [validators, weights] = await read(stage, 'lens', 'rosterOf', [taskId])
  return { validators: validators.map((one) => (one === zeroAddress ? undefined : one)), weights }
}

type BidView = Awaited<ReturnType<typeof read<'lens', 'bidsOf'>>>[number]

function asBid({ standing, bidAt, ...bid }: BidView): Bid | undefined {
  const said = STANDINGS[standing]!
  return said === 'none' ? undefined : { ...bid, bidAt: Number(bidAt), standing: said }
}

async function lensBids(stage: Stage) {
  return (await read(stage, 'lens', 'bidsOf', [taskId])).map(asBid)
}

async function lensPool(stage: Stage) {
  const { poolRoot, firstRound, announcedRoot, announcedFor } = await read(stage, 'lens', 'poolOf', [taskId])
  const announced = announcedFor === 0 ? undefined : { poolRoot: announcedRoot, firstRound: announcedFor }
  return { poolRoot, firstRound, announced }
}

async function lensDebts(stage: Stage) {
  const [credited, held] = await read(stage, 'lens', 'totalsOf', [taskId])
  const [purse, forfeited] = await Promise.all([
    read(stage, 'lens', 'purseOf', [taskId]),
    read(stage, 'lens', 'forfeitedOf', [taskId]),
  ])
  return { credited, held, purse, forfeited }
}

async function debts(reader: AssayReader) {
  const { credited, held, purse, forfeited } = await readTaskFunds(reader, { taskId })
  return { credited, held, purse, forfeited }
}
