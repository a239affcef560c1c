import { recall, remember } from '@assay/daemon/database.ts'
import type { PostResult } from '@assay/daemon/outbox.ts'
import { whyTaskIsOver } from '@assay/daemon/task-over.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { enrolCall } from '@assay/sdk/verbs/tasks/enrol.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'

/** Duties outside any round are kept under this number. */
const NO_ROUND = 0
/** Under which subject it is kept what was told last. */
const ENROLMENT = 'enrolment'

/**
 * Takes part in the task, once: stakes first where the configuration says how much, then enrols. One transaction a block, because
 * each one needs the one before it. Nobody is enrolled again who has left, and nobody in a task that is over: the fee would be lost.
 */
export async function enrolDuty(
  context: ContributorContext,
  { block }: Pick<Moment, 'block'>,
): Promise<void> {
  const { config, reader, params, outbox } = context
  const { taskId } = config
  const over = await whyTaskIsOver(reader, { taskId, blockNumber: block.number })
  if (over !== undefined) {
    return tell(
      context,
      over,
      {},
      `nothing to enrol for: the task is over, ${over}. Earnings are still claimed`,
    )
  }
  if (hasLeft(context)) {
    const fix = `to take part again run \`assay enrol ${taskId}\`, else stop this daemon`
    return tell(
      context,
      'left',
      {},
      `the account has left the task and is not enrolled again by itself: ${fix}`,
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

/** Keeps for good that the account was seen enrolled, by this daemon or by anybody: it has to be its owner who enrols it again. */
export function noteEnrolled(
  { db, config, told }: ContributorContext,
  { block }: Pick<Moment, 'block'>,
): void {
  told.forget(ENROLMENT)
  const key = seenKey(config.taskId)
  if (recall(db, key) === undefined) remember(db, key, `${block.number}`)
}

/** Whether an enrolment is over. One on its way into a block isn't, not even when a reorganisation took it out of another. */
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

/** Warns of what keeps the account from enrolling, once until it is something else. */
function tell(
  { told, log }: ContributorContext,
  cause: string,
  facts: Record<string, string>,
  sentence: string,
): void {
  if (told.isNews(ENROLMENT, cause)) log.warn(facts, sentence)
}
