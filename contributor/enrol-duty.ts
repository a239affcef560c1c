import type { PostResult } from '@assay/sdk/daemon/outbox.ts'
import type { Call } from '@assay/sdk/send.ts'
import { approveCall } from '@assay/sdk/verbs/approve.ts'
import { enrolCall } from '@assay/sdk/verbs/enrol.ts'
import { readStake } from '@assay/sdk/verbs/read-stake.ts'
import { stakeCall } from '@assay/sdk/verbs/stake.ts'
import type { ContributorContext } from './contributor-context.ts'

/** Duties outside any round are kept under this number. */
const NO_ROUND = 0

/**
 * Takes part in the task, once: stakes first where the configuration says how much, then enrols. One transaction a block, because
 * each one needs the one before it. A contributor that left the task by itself isn't enrolled again.
 */
export async function enrolDuty(context: ContributorContext): Promise<void> {
  const { config, reader, params, settings, log, outbox } = context
  const { taskId } = config
  if (outbox.stateOf({ taskId, round: NO_ROUND, duty: 'enrol' }) === 'mined') {
    log.debug('left the task; enrol again with `assay enrol` to go on')
    return
  }
  const needed = params.contributorStake + params.enrolmentFee
  const { free } = await readStake(reader, { account: context.account.address })
  if (free >= needed) return enrol(context)
  const staked = outbox.stateOf({ taskId, round: NO_ROUND, duty: 'stake' }) === 'mined'
  if (settings.autoStakeWei !== undefined && !staked) return stake(context, settings.autoStakeWei)
  log.warn(
    { freeWei: `${free}`, neededWei: `${needed}` },
    'not enough free stake to enrol: run `assay stake`',
  )
}

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
  const { outbox, config, log } = context
  const result = await outbox.post({ taskId: config.taskId, round: NO_ROUND, duty, call })
  if ('reason' in result) log.warn({ duty, reason: result.reason }, 'cannot enrol yet')
  return result
}
