import type { Block } from '@assay/daemon/clock.ts'
import { recall, remember } from '@assay/daemon/database.ts'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { requireHope } from '@assay/daemon/hopeless.ts'
import type { PostResult } from '@assay/daemon/outbox.ts'
import { requireTrial } from '@assay/daemon/package-trial.ts'
import { whyTaskIsOver } from '@assay/daemon/task-over.ts'
import { contributorShares } from '@assay/engine/run/time-shares.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { enrolCall } from '@assay/sdk/verbs/tasks/enrol.ts'
import { formatEther } from 'viem'
import { claimMinimumWei } from './claim-duty.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'

/** Duties outside any round are recorded under this round number. */
const NO_ROUND = 0
/** Subject of what is told about enrolment. */
const ENROLMENT = 'enrolment'

/**
 * Enrols in the task, once. It stakes first if the config says how much. It sends one transaction a block, because each
 * one needs the one before it. It doesn't enrol an account again that has left, nor in a task that is over, where the
 * fee would be lost. Before it enrols it runs the package on this machine, with its own samples.
 *
 * @throws FatalDaemonError when the account can't take part and has nothing to claim either
 */
export async function enrolDuty(
  context: ContributorContext,
  { block }: Pick<Moment, 'block'>,
): Promise<void> {
  const { config, reader, outbox, account } = context
  const { taskId } = config
  const over = await whyTaskIsOver(reader, { taskId, blockNumber: block.number })
  if (over !== undefined)
    return giveUp(context, block, `task ${taskId} is over, ${over}. Choose another: assay task list`)
  if (hasLeft(context, block)) {
    const why = `the account has left task ${taskId}, and the daemon does not enrol it again. To take part again run \`assay enrol ${taskId}\``
    return giveUp(context, block, why)
  }
  const { free } = await readStake(reader, { account: account.address, blockNumber: block.number })
  if (free >= neededStake(context)) return enrol(context)
  const staked = outbox.stateOf({ taskId, round: NO_ROUND, duty: 'stake' }, block.number) === 'mined'
  if (config.autoStakeWei !== undefined && !staked) return stake(context, config.autoStakeWei)
  return giveUp(context, block, whyTooPoor(context, free))
}

const neededStake = ({ params }: ContributorContext) => params.contributorStake + params.enrolmentFee

function whyTooPoor(context: ContributorContext, free: bigint): string {
  const { config, params } = context
  const missing = formatEther(neededStake(context) - free)
  const parts = `${formatEther(params.contributorStake)} ASSAY reserved and ${formatEther(params.enrolmentFee)} ASSAY as its fee`
  return `not enough free stake to enrol: task ${config.taskId} takes ${parts}, and ${formatEther(free)} ASSAY are free. Run \`assay stake ${missing}\`, or start with --stake`
}

/**
 * The account can't take part, and only people can change that. While it has earnings, the daemon stays to claim them.
 *
 * @throws FatalDaemonError once there is nothing to stay for
 */
async function giveUp(context: ContributorContext, block: Block, why: string): Promise<void> {
  const { config, reader, account } = context
  const at = { taskId: config.taskId, account: account.address, blockNumber: block.number }
  const { matured, pending } = await readEarnings(reader, at)
  if (config.claim === 'never' || matured + pending < claimMinimumWei(config))
    throw new FatalDaemonError(`Not enrolling: ${why}.`)
  tell(
    context,
    why,
    { pendingWei: `${pending}` },
    `not enrolling: ${why}. Staying until all earnings are claimed`,
  )
}

/** Records for good that the account was seen enrolled. If it leaves, only its owner enrols it again. */
export function noteEnrolled(
  { db, config, told }: ContributorContext,
  { block }: { block: Pick<Block, 'number'> },
): void {
  told.forget(ENROLMENT)
  const key = seenKey(config.taskId)
  if (recall(db, key) === undefined) remember(db, key, `${block.number}`)
}

/**
 * Whether the account was enrolled before a block at which it isn't. An enrolment that is pending there doesn't count,
 * even if it was in a dropped block.
 */
export function hasLeft(
  { outbox, db, config: { taskId } }: ContributorContext,
  { number }: Pick<Block, 'number'>,
): boolean {
  const own = outbox.stateOf({ taskId, round: NO_ROUND, duty: 'enrol' }, number)
  if (own === 'mined') return true
  return own !== 'signed' && own !== 'sent' && recall(db, seenKey(taskId)) !== undefined
}

const seenKey = (taskId: bigint) => `enrolled/${taskId}`

async function enrol(context: ContributorContext): Promise<void> {
  const { bench, params } = context
  const { dataset, sampleRoot } = await context.data()
  const { spec } = await bench.package(params.specHash)
  await requireTrial(context, params.specHash, {
    toDo: 'enrol',
    samples: dataset,
    shares: ({ real }) => contributorShares(spec, params, real),
  })
  const parameters = { taskId: context.config.taskId, sampleRoot, dataUnits: dataset.n }
  await post(context, 'enrol', enrolCall(context.reader.deployment, parameters))
}

async function stake(context: ContributorContext, amount: bigint): Promise<void> {
  const { deployment } = context.reader
  const { assayToken: token, stakeRegistry: spender } = deployment.contracts
  const approved = await post(context, 'approve', approveCall({ token, spender, amount }))
  if (approved.status === 'mined') await post(context, 'stake', stakeCall(deployment, { amount }))
}

async function post(context: ContributorContext, duty: string, call: Call): Promise<PostResult> {
  const { outbox, config } = context
  const result = await outbox.post({ taskId: config.taskId, round: NO_ROUND, duty, call })
  requireHope(result, duty === 'enrol' ? `assay enrol ${config.taskId}` : 'assay stake')
  if (!('reason' in result)) return result
  const cause = result.status === 'refused' ? result.errorName : undefined
  tell(
    context,
    `${duty} ${cause ?? result.reason}`,
    { duty, reason: result.reason },
    'waiting: cannot enrol yet',
  )
  return result
}

/** Warns why the account can't enrol, once per cause. */
function tell(
  { told, log }: ContributorContext,
  cause: string,
  facts: Record<string, string>,
  sentence: string,
): void {
  if (told.isNews(ENROLMENT, cause)) log.warn(facts, sentence)
}
