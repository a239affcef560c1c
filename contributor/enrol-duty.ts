import { recall, remember } from '@assay/daemon/database.ts'
import type { PostResult } from '@assay/daemon/outbox.ts'
import { whyTaskIsOver } from '@assay/daemon/task-over.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { enrolCall } from '@assay/sdk/verbs/tasks/enrol.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'

/** Duties outside any round are recorded under this round number. */
const NO_ROUND = 0
/** Subject of what is told about enrolment. */
const ENROLMENT = 'enrolment'

/**
 * Enrols in the task, once. It stakes first if the config says how much. It sends one transaction a block, because each
 * one needs the one before it. It doesn't enrol an account again that has left, nor in a task that is over, where the
 * fee would be lost.
 */
export async function enrolDuty(
  context: ContributorContext,
  { block }: Pick<Moment, 'block'>,
): Promise<void> {
  const { config, reader, params, outbox } = context
  const { taskId } = config
  const over = await whyTaskIsOver(reader, { taskId, blockNumber: block.number })
  if (over !== undefined) {
    return tell(context, over, {}, `not enrolling: the task is over, ${over}. Earnings are still claimed`)
  }
  if (hasLeft(context)) {
    const fix = `to take part again run \`assay enrol ${taskId}\`, otherwise stop this daemon`
    return tell(
      context,
      'left',
      {},
      `the account has left the task, and the daemon does not enrol it again: ${fix}`,
    )
  }
  const needed = params.contributorStake + params.enrolmentFee
  const { free } = await readStake(reader, { account: context.account.address })
  if (free >= needed) return enrol(context)
  const staked = outbox.stateOf({ taskId, round: NO_ROUND, duty: 'stake' }) === 'mined'
  if (config.autoStakeWei !== undefined && !staked) return stake(context, config.autoStakeWei)
  const facts = { freeWei: `${free}`, neededWei: `${needed}` }
  tell(context, JSON.stringify(facts), facts, 'not enough free stake to enrol: run `assay stake`')
}

/** Records for good that the account was seen enrolled. If it leaves, only its owner enrols it again. */
export function noteEnrolled(
  { db, config, told }: ContributorContext,
  { block }: Pick<Moment, 'block'>,
): void {
  told.forget(ENROLMENT)
  const key = seenKey(config.taskId)
  if (recall(db, key) === undefined) remember(db, key, `${block.number}`)
}

/**
 * Whether the account was enrolled before. An enrolment that is pending doesn't count, even if it was in a dropped
 * block.
 */
function hasLeft({ outbox, db, config: { taskId } }: ContributorContext): boolean {
  const own = outbox.stateOf({ taskId, round: NO_ROUND, duty: 'enrol' })
  if (own === 'mined') return true
  return own !== 'signed' && own !== 'sent' && recall(db, seenKey(taskId)) !== undefined
}

const seenKey = (taskId: bigint) => `enrolled/${taskId}`

async function enrol(context: ContributorContext): Promise<void> {
  const { dataset, root } = await context.data()
  const parameters = { taskId: context.config.taskId, dataRoot: root, dataUnits: dataset.n }
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
  if (!('reason' in result)) return result
  const cause = result.status === 'refused' ? result.errorName : undefined
  tell(context, `${duty} ${cause ?? result.reason}`, { duty, reason: result.reason }, 'cannot enrol yet')
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
