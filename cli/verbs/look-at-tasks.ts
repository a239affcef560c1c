import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { PoolState } from '@assay/sdk/protocol/pool-view.ts'
import { NO_PROGRAM } from '@assay/sdk/protocol/program.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { readTaskCount } from '@assay/sdk/verbs/tasks/read-task-count.ts'
import { readTaskFunds } from '@assay/sdk/verbs/tasks/read-task-funds.ts'
import type { Command } from 'commander'
import { print } from '../answer.ts'
import { addVerb } from '../command.ts'
import { durationText, parseTaskId, percentText } from '../format.ts'
import { type ChainOptions, readerOf, withChain } from '../options.ts'
import { readToken } from '../token.ts'
import { wholeNumber } from '../whole-number.ts'

/** Most tasks in a list. Each one takes several calls to the node. */
const LONGEST_LIST = 200

/** For how many more rounds there is money, at most for those that a task has left. */
export function enoughText(roundsCovered: bigint, { number, of }: { number: number; of: number }): string {
  const left = BigInt(of - number)
  if (left === 0n) return 'no round is left'
  return roundsCovered < left ? `enough for ${roundsCovered} more` : `enough for all ${left} that are left`
}

/** `assay task list` */
export function addList(task: Command): void {
  const command = addVerb(task, {
    usage: 'list',
    summary: 'Which tasks are there, and what do they wait for? Newest first; needs no key.',
    examples: ['assay task list', 'assay task list --last 50 --json'],
  })
  withChain(command)
    .option(
      '--last <count>',
      `how many of the newest, 1 to ${LONGEST_LIST}`,
      wholeNumber('--last', LONGEST_LIST),
      20,
    )
    .action(async (options: ChainOptions & { last: number }) => {
      const reader = await readerOf(options)
      const count = await readTaskCount(reader)
      const length = Math.min(options.last, Number(count))
      const ids = Array.from({ length }, (_, i) => count - BigInt(i))
      const tasks = await Promise.all(ids.map((taskId) => readSummary(reader, taskId)))
      const hidden = count - BigInt(length)
      const lines = tasks.map(summaryLine)
      if (hidden > 0n) lines.push(`${hidden} older: --last ${Math.min(Number(count), LONGEST_LIST)}`)
      const text = count === 0n ? 'There is no task yet: assay task create' : lines.join('\n')
      print({ data: { tasksOnChain: Number(count), tasks }, text }, options.json)
    })
}

/** `assay task show` */
export function addShow(task: Command): void {
  const command = addVerb(task, {
    usage: 'show <task>',
    summary: 'What a task pays, asks for and has left; needs no key.',
    details:
      'The terms are fixed for good; only the held-out pool can change, a round ahead. Look at the reward token before you enrol: a hostile one pays nobody.',
    examples: ['assay task show 1'],
  })
  withChain(command).action(async (task: string, options: ChainOptions) => {
    const reader = await readerOf(options)
    const shown = await readWhole(reader, parseTaskId(task))
    print({ data: shown, text: wholeText(shown) }, options.json)
  })
}

async function readSummary(reader: AssayReader, taskId: bigint) {
  // First and alone: if there is no such task, this call says so.
  const { owner, closed, params, largestRoundCost } = await readTask(reader, { taskId })
  const [round, funds] = await Promise.all([readRound(reader, { taskId }), readTaskFunds(reader, { taskId })])
  return {
    taskId,
    owner,
    closed,
    specHash: params.specHash,
    token: await readToken(reader, params.rewardToken),
    round: { number: round.round, of: params.maxRounds, phase: round.phase },
    largestRoundCost,
    available: funds.available,
    roundsCovered: largestRoundCost === 0n ? undefined : funds.available / largestRoundCost,
  }
}

async function readWhole(reader: AssayReader, taskId: bigint) {
  const summary = await readSummary(reader, taskId)
  const [{ params }, funds, roster, pool] = await Promise.all([
    readTask(reader, { taskId }),
    readTaskFunds(reader, { taskId }),
    readRoster(reader, { taskId }),
    readPool(reader, { taskId }),
  ])
  const seated = roster.validators.filter((validator) => validator !== undefined).length
  return { ...summary, params, funds, pool, validatorsSeated: seated }
}

function summaryLine({
  taskId,
  closed,
  round,
  token,
  available,
  roundsCovered,
}: Awaited<ReturnType<typeof readSummary>>): string {
  const state = closed ? 'closed' : `round ${round.number} of ${round.of}, ${round.phase}`
  const enough = closed || roundsCovered === undefined ? '' : `, ${enoughText(roundsCovered, round)}`
  return `${taskId}  ${state}; ${amountText(available, token)} free${enough}`
}

function wholeText(task: Awaited<ReturnType<typeof readWhole>>): string {
  const { taskId, owner, closed, token, round, params, funds } = task
  const phases = [
    ['submit', params.submitSeconds],
    ['open', params.openSeconds],
    ['commit', params.commitSeconds],
    ['reveal', params.revealSeconds],
    ['each vote', params.aggregateSeconds],
    ['challenge', params.challengeSeconds],
  ] as const
  const bonus =
    params.earlyBonusRounds === 0 || params.earlyBonusBps === 10_000
      ? 'none'
      : `${percentText(params.earlyBonusBps)} of pay in round 1, falling to 100 % over ${params.earlyBonusRounds} rounds`
  return [
    `Task ${taskId}${closed ? ' (closed)' : ''} of ${owner}`,
    `  package    ${params.specHash}`,
    `  program    ${programText(params.programRoot)}`,
    `  pool       ${poolText(task.pool)}`,
    `  round      ${round.number} of ${round.of}, ${round.phase}`,
    `  pays in    ${token.symbol} (${token.address})${token.fault === undefined ? '' : `: it ${token.fault}`}`,
    `  compute    ${amountText(params.priceCompute, token)} a unit, ${params.computeUnitsPerRound} units a round (${params.stepsPerRound} steps)`,
    `  data       ${amountText(params.priceData, token)} a sample, ${params.dataUnitsLimit} samples at most`,
    `  validation ${amountText(params.priceValidation, token)} a scored update`,
    `  early      ${bonus}`,
    `  enrolment  ${amountText(params.contributorStake, ASSAY)} reserved, ${amountText(params.enrolmentFee, ASSAY)} burnt; ${params.slots} slots, ${params.minContributors} for a round`,
    `  validators ${task.validatorsSeated} seated, ${2 * params.committeeSize + 1} for a round, committees of ${params.committeeSize}; ${amountText(params.minValidatorStake, ASSAY)} at least`,
    `  phases     ${phases.map(([name, seconds]) => `${name} ${durationText(seconds)}`).join(', ')}`,
    `  escrow     ${amountText(funds.available, token)} free, ${amountText(funds.reserved, token)} reserved; a round costs ${amountText(task.largestRoundCost, token, 'up')} at most`,
    `  so far     ${amountText(funds.funded, token)} funded, ${amountText(funds.credited, token)} earned, ${amountText(funds.refunded, token)} refunded`,
    ...(funds.forfeited === 0n
      ? []
      : [
          `  forfeited  ${amountText(funds.forfeited, token)}, moved to the escrow by assay task reclaim ${taskId}`,
        ]),
  ].join('\n')
}

/** What contracts can know of the training step. */
export function programText(programRoot: Hash): string {
  if (programRoot !== NO_PROGRAM) return programRoot
  return 'none: no contract can check a training step'
}

function poolText({ poolRoot, announced }: PoolState): string {
  if (announced === undefined) return poolRoot
  return `${poolRoot}, from round ${announced.firstRound} on ${announced.poolRoot}`
}
