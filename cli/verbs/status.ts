import type { AssayReader } from '@assay/sdk/clients.ts'
import { decodeFailure } from '@assay/sdk/errors.ts'
import { openRoundCall } from '@assay/sdk/verbs/open-round.ts'
import { readEarnings } from '@assay/sdk/verbs/read-earnings.ts'
import { readParticipant } from '@assay/sdk/verbs/read-participant.ts'
import { readRound } from '@assay/sdk/verbs/read-round.ts'
import { readStake } from '@assay/sdk/verbs/read-stake.ts'
import { readTask } from '@assay/sdk/verbs/read-task.ts'
import { readTaskCount } from '@assay/sdk/verbs/read-task-count.ts'
import { readValidator } from '@assay/sdk/verbs/read-validator.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { print } from '../answer.ts'
import { addVerb } from '../command.ts'
import { ASSAY, amountText, ETHER, parseAddress, parseTaskId, percentText, timeText } from '../format.ts'
import { addressOf, type KeyOptions, readerOf, withKey } from '../options.ts'
import { tokenUnit } from '../token.ts'

interface StatusOptions extends KeyOptions {
  address?: Address
  task?: bigint
}

/** `assay status` */
export function addStatus(program: Command): void {
  const command = addVerb(program, {
    usage: 'status',
    summary: 'Am I staked, am I earning, what is pending, what is due?',
    details: 'Reads the chain only: with --address no key is needed.',
    examples: ['assay status --keystore me.json', 'assay status --address 0x… --task 1 --json'],
  })
  withKey(command)
    .option('--address <address>', 'whose status (default: the address of your key)', parseAddress)
    .option('--task <number>', 'this task only (default: all in which the address has a part)', parseTaskId)
    .action(async (options: StatusOptions) => {
      const account = options.address ?? (await addressOf(options))
      const reader = await readerOf(options)
      const status = await readStatus(reader, account, options.task)
      print({ data: status, text: statusText(status) }, options.json)
    })
}

type Status = Awaited<ReturnType<typeof readStatus>>
type TaskStatus = Awaited<ReturnType<typeof readTaskStatus>>

async function readStatus(reader: AssayReader, account: Address, only: bigint | undefined) {
  const [stake, block, balance, count] = await Promise.all([
    readStake(reader, { account }),
    reader.chain.getBlock(),
    reader.chain.getBalance({ address: account }),
    readTaskCount(reader),
  ])
  const ids = only === undefined ? Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1)) : [only]
  const all = await Promise.all(ids.map((taskId) => readTaskStatus(reader, taskId, account)))
  return {
    network: reader.deployment.network,
    account,
    block: Number(block.number),
    blockTime: Number(block.timestamp),
    etherForGas: balance,
    tasksOnChain: Number(count),
    stake,
    tasks: all.filter((task) => only !== undefined || hasPart(task)),
  }
}

async function readTaskStatus(reader: AssayReader, taskId: bigint, account: Address) {
  const [task, round, earnings, contributor, validator] = await Promise.all([
    readTask(reader, { taskId }),
    readRound(reader, { taskId }),
    readEarnings(reader, { taskId, account }),
    readParticipant(reader, { taskId, contributor: account }),
    readValidator(reader, { taskId, validator: account }),
  ])
  const { closed, owner, params } = task
  const waitsFor = round.phase === 'Idle' ? await reasonNotToOpen(reader, taskId) : undefined
  return {
    taskId,
    closed,
    isOwner: owner.toLowerCase() === account.toLowerCase(),
    token: await tokenUnit(reader, params.rewardToken),
    round: {
      number: round.round,
      phase: round.phase,
      of: params.maxRounds,
      endsAt: phaseEnd(round),
      waitsFor,
    },
    earnings,
    contributor: contributor.enrolled ? contributor : undefined,
    validator: isValidator(validator) ? validator : undefined,
  }
}

/** What keeps the next round from being opened, as the contract says it; undefined when anybody may open it now. */
async function reasonNotToOpen(reader: AssayReader, taskId: bigint): Promise<string | undefined> {
  const { to, data } = openRoundCall(reader.deployment, { taskId })
  return reader.chain.call({ to, data }).then(
    () => undefined,
    (error) => decodeFailure(error).message,
  )
}

type Round = Awaited<ReturnType<typeof readRound>>
type Validator = Awaited<ReturnType<typeof readValidator>>

function isValidator({ seated, frozenWeight, nextWeight }: Validator): boolean {
  return seated || frozenWeight > 0 || nextWeight > 0
}

function hasPart({ isOwner, earnings, contributor, validator }: TaskStatus): boolean {
  const { matured, pending, held } = earnings
  return isOwner || contributor !== undefined || validator !== undefined || matured + pending + held > 0n
}

/** Unix seconds at which the phase ends, where a clock ends it. */
function phaseEnd(round: Round): number | undefined {
  const ends: Partial<Record<Round['phase'], number | undefined>> = {
    Submit: round.submitEnd,
    Open: round.openEnd,
    Commit: round.commitEnd,
    Reveal: round.revealEnd,
    RedrawCommit: round.redrawCommitEnd,
    RedrawReveal: round.redrawRevealEnd,
    CohortVote: round.cohortVoteEnd,
    RootVote: round.rootVoteEnd,
  }
  return ends[round.phase]
}

function statusText(status: Status): string {
  const { account, network, stake, blockTime } = status
  const lines = [
    `${account} on ${network}, block ${status.block}`,
    `Stake     ${amountText(stake.active, ASSAY)} active, ${amountText(stake.reserved, ASSAY)} of it reserved by tasks`,
  ]
  if (stake.unbonding > 0n) {
    const when = timeText(stake.availableAt ?? 0, blockTime)
    lines.push(`          ${amountText(stake.unbonding, ASSAY)} unbonding, assay withdraw from ${when}`)
  }
  lines.push(`Gas       ${amountText(status.etherForGas, ETHER)}`)
  if (status.tasks.length === 0) {
    lines.push(`Tasks     you have no part in any (${status.tasksOnChain} on this chain)`)
  }
  return [...lines, ...status.tasks.flatMap((task) => taskLines(task, blockTime))].join('\n')
}

function taskLines(task: TaskStatus, now: number): string[] {
  const { taskId, round, earnings, token, contributor, validator } = task
  const ends = round.endsAt === undefined ? '' : ` until ${timeText(round.endsAt, now)}`
  const lines = [
    '',
    `Task ${taskId}${task.closed ? ' (closed)' : ''}${task.isOwner ? ' (yours)' : ''}: round ${round.number} of ${round.of}, ${round.phase}${ends}`,
    `  matured   ${amountText(earnings.matured, token)}${earnings.matured > 0n ? `, to be had with assay claim ${taskId}` : ''}`,
    `  pending   ${amountText(earnings.pending, token)}${earnings.nextMaturesAt === undefined ? '' : `, matures from ${timeText(earnings.nextMaturesAt, now)}`}`,
  ]
  if (round.phase === 'Idle') {
    lines.push(`  next      ${round.waitsFor ?? 'the next round can open: a running assay oracle opens it'}`)
  }
  if (contributor !== undefined) lines.push(...contributorLines(contributor, earnings.held, task, now))
  if (validator !== undefined) lines.push(...validatorLines(validator, task))
  return lines
}

function contributorLines(
  contributor: NonNullable<TaskStatus['contributor']>,
  held: bigint,
  { round, token }: TaskStatus,
  now: number,
): string[] {
  const hasSubmitted = contributor.lastRound === round.number
  const due =
    round.phase !== 'Submit'
      ? 'nothing'
      : hasSubmitted
        ? 'open the update once submissions are closed'
        : `submit by ${timeText(round.endsAt ?? now, now)}`
  return [
    `  held      ${amountText(held, token)} until the next passed audit`,
    `  contributor: last round ${contributor.lastRound}, settled ${contributor.settledRound}, ` +
      `reputation ${percentText(contributor.reputationBps)}, quality ${percentText(contributor.runningQualityBps)}${contributor.flagged ? ', flagged' : ''}`,
    `  due       ${due}`,
  ]
}

function validatorLines(validator: NonNullable<TaskStatus['validator']>, { round }: TaskStatus): string[] {
  const isDrawable = validator.frozenWeight > 0
  const missed =
    validator.missedRounds === 0
      ? 'no missed duty'
      : `${validator.missedRounds} missed of the last ten rounds`
  return [
    `  validator: weight ${validator.frozenWeight}, next round ${validator.nextWeight}, uptime bonus ${percentText(validator.uptimeBps)}, ${missed}`,
    `  due       ${isDrawable && round.phase !== 'Idle' ? 'keep assay oracle running until the round ends' : 'nothing'}`,
  ]
}
