import { ASSAY, amountText, ETHER, type TokenUnit } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { decodeFailure, toldIn } from '@assay/sdk/client/errors.ts'
import { outbidBy } from '@assay/sdk/protocol/bid-views.ts'
import { dutiesOf } from '@assay/sdk/protocol/cohorts.ts'
import { phaseEnd } from '@assay/sdk/protocol/phases.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { readJuror } from '@assay/sdk/verbs/court/read-juror.ts'
import { openRoundCall } from '@assay/sdk/verbs/rounds/open-round.ts'
import { readBids } from '@assay/sdk/verbs/rounds/read-bids.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readMaySubmit } from '@assay/sdk/verbs/rounds/read-may-submit.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import { readReleasable } from '@assay/sdk/verbs/rounds/read-releasable.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { readTaskCount } from '@assay/sdk/verbs/tasks/read-task-count.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import { type Address, erc20Abi } from 'viem'
import { print } from '../answer.ts'
import { bidText } from '../bid-text.ts'
import { casesAgainst } from '../case-text.ts'
import { addVerb } from '../command.ts'
import { juryLine, seizedLines } from '../court-standing.ts'
import { contributorDue, dueText, validatorDue } from '../due.ts'
import { deadlineText, parseAddress, parseTaskId, percentText } from '../format.ts'
import { modelText, readModelMetric } from '../model-metric.ts'
import { addressOf, type KeyOptions, readerOf, withKey } from '../options.ts'
import { poolWarning, readPoolHolders } from '../pool-holders.ts'
import { readStanding, type Standing } from '../standing.ts'
import { storesOf, withStore } from '../store-options.ts'
import { readToken } from '../token.ts'

interface StatusOptions extends KeyOptions, StoreOptions {
  address?: Address
  task?: bigint
}

/** `assay status` */
export function addStatus(program: Command): void {
  const command = addVerb(program, {
    usage: 'status',
    summary: 'Am I staked, am I earning, what is pending, what is due?',
    details:
      'Reads the chain: with --address no key is needed. With a store it also says how good the model of each task is, as the round measured it that made it: root committees vote for these figures with the model. It says so when no validator holds the held-out pool of a task: nobody could judge.',
    examples: [
      'assay status --keystore me.json --store-url http://127.0.0.1:8080',
      'assay status --address 0x… --task 1 --json',
    ],
  })
  withStore(withKey(command), 'blob server that has the models')
    .option('--address <address>', 'whose status (default: the address of your key)', parseAddress)
    .option('--task <number>', 'this task only (default: all in which the address has a part)', parseTaskId)
    .action(async (options: StatusOptions) => {
      const account = options.address ?? (await addressOf(options))
      const reader = await readerOf(options)
      const store = await storeOf(options)
      const status = await readStatus(reader, { account, only: options.task, store })
      print({ data: status, text: statusText(status) }, options.json)
    })
}

type Status = Awaited<ReturnType<typeof readStatus>>
type TaskStatus = Awaited<ReturnType<typeof completed>>

type Asked = { account: Address; only: bigint | undefined; store: BlobStore | undefined }

/** The store that the options name, if any. */
async function storeOf(options: StoreOptions): Promise<BlobStore | undefined> {
  if (options.storeUrl === undefined && options.storeDir === undefined) return undefined
  const { openStores } = await import('@assay/store/open-store.ts')
  return openStores(storesOf(options))
}

async function readStatus(reader: AssayReader, { account, only, store }: Asked) {
  const { assayToken } = reader.deployment.contracts
  const [stake, juror, { jurorMinStake }, wallet, block, balance, count] = await Promise.all([
    readStake(reader, { account }),
    readJuror(reader, { account }),
    readCourtTerms(reader),
    reader.chain.readContract({
      address: assayToken,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [account],
    }),
    reader.chain.getBlock(),
    reader.chain.getBalance({ address: account }),
    readTaskCount(reader),
  ])
  const ids = only === undefined ? Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1)) : [only]
  const all = await Promise.all(ids.map((taskId) => readTaskStatus(reader, taskId, account)))
  const shown = all.filter((task) => only !== undefined || hasPart(task))
  return {
    network: reader.deployment.network,
    account,
    block: Number(block.number),
    blockTime: Number(block.timestamp),
    etherForGas: balance,
    wallet,
    tasksOnChain: Number(count),
    stake,
    juror,
    jurorMinStake,
    tasks: await Promise.all(shown.map((task) => completed(task, reader, { account, store }))),
  }
}

/** What is read of every task, to see whether it is shown. */
type ChainStatus = Awaited<ReturnType<typeof readTaskStatus>>

/** Models are large: only those of tasks that are shown are read. */
async function completed(
  { models, ...task }: ChainStatus,
  reader: AssayReader,
  { account, store }: Pick<Asked, 'account' | 'store'>,
) {
  const { taskId, round, closed, earnings } = task
  const isOver = closed || (round.phase === 'Idle' && round.number >= round.of)
  const [model, pool, cases] = await Promise.all([
    readModelMetric(store, { ...models, round: round.number }),
    isOver ? undefined : readPoolHolders(reader, taskId),
    earnings.cases === 0 ? [] : casesAgainst(reader, { taskId, defendant: account }),
  ])
  return { ...task, model, pool, cases }
}

async function readTaskStatus(reader: AssayReader, taskId: bigint, account: Address) {
  const [task, round, earnings, releasable, contributor, validator, standing] = await Promise.all([
    readTask(reader, { taskId }),
    readRound(reader, { taskId }),
    readEarnings(reader, { taskId, account }),
    readReleasable(reader, { taskId, contributor: account }),
    readParticipant(reader, { taskId, contributor: account }),
    readValidator(reader, { taskId, validator: account }),
    readStanding(reader, { taskId, validator: account }),
  ])
  const { closed, owner, params } = task
  const token = await readToken(reader, params.rewardToken)
  const waitsFor = round.phase === 'Idle' ? await reasonNotToOpen(reader, taskId, token) : undefined
  return {
    taskId,
    closed,
    isOwner: owner.toLowerCase() === account.toLowerCase(),
    token,
    round: {
      number: round.round,
      phase: round.phase,
      of: params.maxRounds,
      endsAt: phaseEnd(round),
      waitsFor,
      rollBackHash: round.rollBackHash,
    },
    models: {
      specHash: params.specHash,
      firstModel: params.initialModelHash,
      hash: round.baseModelHash,
    },
    earnings,
    contributor: contributor.enrolled
      ? {
          ...contributor,
          releasable: releasable.released,
          due: contributorDue(contributor, round, {
            maySubmit: await readMaySubmit(reader, { taskId, contributor: account }),
            mayLose: releasable.released < releasable.held && round.round < params.maxRounds,
          }),
        }
      : undefined,
    validator: isValidator(validator, standing)
      ? {
          ...validator,
          standing,
          drawnFor: await readDrawnFor(reader, { taskId, round, validator, params }),
          place: await readPlace(reader, { taskId, round, validator }),
          due: validatorDue(validator, round, standing),
        }
      : undefined,
  }
}

/** Cohorts of the open round that the validator was drawn for first; undefined as long as nothing is drawn. */
async function readDrawnFor(
  reader: AssayReader,
  place: { taskId: bigint; round: Round; validator: Validator; params: TaskParams },
): Promise<number[] | undefined> {
  const { beacon, cohorts, phase, submissions: count } = place.round
  const { rosterIndex } = place.validator
  const isDrawn = phase !== 'Idle' && cohorts > 0
  if (!isDrawn || beacon === undefined || rosterIndex === undefined) return undefined
  const { weights } = await readRoster(reader, { taskId: place.taskId })
  const { committeeSize } = place.params
  const duties = dutiesOf({ beacon, count, attempt: 0, weights, committeeSize, rosterIndex })
  return duties.map(({ cohort }) => cohort)
}

/** What to know about the validator's bid for a place; nothing without one. */
async function readPlace(
  reader: AssayReader,
  { taskId, round: { round }, validator: { bid } }: { taskId: bigint; round: Round; validator: Validator },
): Promise<string[]> {
  if (bid === undefined) return []
  const [pool, bids] = await Promise.all([readPool(reader, { taskId }), readBids(reader, { taskId })])
  return bidText(bid, { taskId, round, pool, outbidBy: outbidBy(bids, bid.validator) })
}

/** Why the next round can't start yet, in the contract's words; undefined if anybody may open it now. */
async function reasonNotToOpen(
  reader: AssayReader,
  taskId: bigint,
  token: TokenUnit,
): Promise<string | undefined> {
  const { to, data } = openRoundCall(reader.deployment, { taskId })
  return reader.chain.call({ to, data }).then(
    () => undefined,
    (error) => toldIn(decodeFailure(error), token).message,
  )
}

type Round = Awaited<ReturnType<typeof readRound>>
type Validator = Awaited<ReturnType<typeof readValidator>>

function isValidator({ seated, bid }: Validator, { state }: Standing): boolean {
  return state !== 'none' || seated || bid !== undefined
}

function hasPart({ isOwner, earnings, contributor, validator }: ChainStatus): boolean {
  const { matured, pending, held, cases } = earnings
  const hasMoney = matured + pending + held > 0n || cases > 0
  return isOwner || contributor !== undefined || validator !== undefined || hasMoney
}

function statusText(status: Status): string {
  const { account, network, stake, blockTime } = status
  const lines = [
    `${account} on ${network}, block ${status.block}`,
    `Wallet    ${amountText(status.wallet, ASSAY)}, ${amountText(status.etherForGas, ETHER)} for gas`,
    `Stake     ${amountText(stake.active, ASSAY)} active, ${amountText(stake.reserved, ASSAY)} of it reserved by ${status.juror === undefined ? 'tasks' : 'tasks and the jury'}`,
    ...juryLine(status, blockTime),
  ]
  if (stake.unbonding > 0n) {
    const when = deadlineText(stake.availableAt ?? 0, blockTime)
    lines.push(`          ${amountText(stake.unbonding, ASSAY)} unbonding, assay withdraw from ${when}`)
  }
  if (status.tasks.length === 0) {
    lines.push(`Tasks     you have no part in any (${status.tasksOnChain} on this chain)`)
  }
  return [...lines, ...status.tasks.flatMap((task) => taskLines(task, blockTime))].join('\n')
}

function taskLines(task: TaskStatus, now: number): string[] {
  const { taskId, round, earnings, token, contributor, validator } = task
  const ends = round.endsAt === undefined ? '' : ` until ${deadlineText(round.endsAt, now)}`
  const lines = [
    '',
    `Task ${taskId}${task.closed ? ' (closed)' : ''}${task.isOwner ? ' (yours)' : ''}: round ${round.number} of ${round.of}, ${round.phase}${ends}`,
    `  matured   ${amountText(earnings.matured, token)}${earnings.matured > 0n ? `, paid out by assay claim ${taskId}` : ''}`,
    `  pending   ${amountText(earnings.pending, token)}${earnings.nextMaturesAt === undefined ? '' : `, matures from ${deadlineText(earnings.nextMaturesAt, now)}`}`,
    ...seizedLines(task),
    `  model     ${modelText(task.model)}`,
    ...(round.rollBackHash === undefined
      ? []
      : [`            a verdict undoes it: the next round trains from ${round.rollBackHash}`]),
  ]
  const warning = task.pool && poolWarning(task.pool, taskId)
  if (warning !== undefined) lines.push(`  pool      ${warning}`)
  if (round.phase === 'Idle') {
    lines.push(`  next      ${round.waitsFor ?? 'the next round can open: a running assay oracle opens it'}`)
  }
  if (contributor !== undefined) lines.push(...contributorLines(contributor, task))
  if (validator !== undefined) lines.push(validatorLine(validator))
  const { due } = contributor ?? validator ?? {}
  if (due !== undefined) lines.push(`  due       ${dueText(due, taskId, now)}`)
  return lines
}

function contributorLines(
  contributor: NonNullable<TaskStatus['contributor']>,
  { earnings, token }: TaskStatus,
): string[] {
  const { releasable } = contributor
  const ifLeft = earnings.held === 0n ? '' : `; leaving now releases ${amountText(releasable, token)}`
  return [
    `  held      ${amountText(earnings.held, token)} until the next passed audit${ifLeft}`,
    `  contributor: last round ${contributor.lastRound}, settled ${contributor.settledRound}, ` +
      `reputation ${percentText(contributor.reputationBps)}, quality ${percentText(contributor.runningQualityBps)}${contributor.flagged ? ', flagged' : ''}`,
  ]
}

function validatorLine(validator: NonNullable<TaskStatus['validator']>): string {
  const { standing, drawnFor, frozenWeight, missedRounds, uptimeBps } = validator
  const record = [
    `uptime bonus ${percentText(uptimeBps)}`,
    missedRounds === 0 ? 'no missed duty' : `${missedRounds} missed of the last ten rounds`,
  ]
  const weights = [`weight ${frozenWeight}`, ...validator.place]
  const cohorts = drawnFor?.length === 0 ? 'no cohort' : `cohort ${drawnFor?.join(', ')}`
  const drawn = drawnFor === undefined ? [] : [`drawn for ${cohorts}`]
  const parts = {
    drawn: [...weights, ...drawn, ...record],
    leaving: ['leaves when the round ends', `weight ${frozenWeight}`, ...drawn, ...record],
    waiting: ['has left', ...record],
    releasable: ['has left', ...record],
    none: ['has left, stake released', ...record],
  }
  return `  validator: ${parts[standing.state].join(', ')}`
}
