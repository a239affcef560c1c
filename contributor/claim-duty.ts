import type { Block } from '@assay/daemon/clock.ts'
import { claimCall } from '@assay/sdk/verbs/rounds/claim.ts'
import type { ContributorConfig } from './contributor-config.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'

const NO_ROUND = 0
const DEFAULT_MINIMUM_WEI = 1n

/** The least that is worth claiming, in reward wei. */
export function claimMinimumWei(config: Pick<ContributorConfig, 'claimMinimumWei'>): bigint {
  return config.claimMinimumWei ?? DEFAULT_MINIMUM_WEI
}

/** Claims everything that has matured, from any number of rounds. Claims are numbered, so that each is posted once. */
export async function claimDuty(
  context: ContributorContext,
  { block, earnings: { matured } }: Pick<Moment, 'block' | 'earnings'>,
): Promise<void> {
  const { config, account, reader, outbox, log, told } = context
  if (config.claim === 'never') return
  const { taskId } = config
  if (matured < claimMinimumWei(config)) return

  const call = claimCall(reader.deployment, { taskId, account: account.address })
  const duty = nextClaim(context, block)
  const result = await outbox.post({ taskId, round: NO_ROUND, duty, call })
  if (result.status === 'sent') log.info({ duty, maturedWei: `${matured}` }, 'claimed')
  if ('reason' in result && told.isNews('claim', `${duty} ${result.reason}`))
    log.warn({ duty, reason: result.reason }, refusalText(result.status, taskId))
}

/** The first claim that isn't in a block yet, as the chain was at the block whose earnings were read. */
export function nextClaim(
  { outbox, config }: Pick<ContributorContext, 'outbox' | 'config'>,
  { number: atBlock }: Pick<Block, 'number'>,
): string {
  const { taskId } = config
  let number = 1
  while (outbox.stateOf({ taskId, round: NO_ROUND, duty: `claim/${number}` }, atBlock) === 'mined') number++
  return `claim/${number}`
}

function refusalText(status: 'refused' | 'exhausted', taskId: bigint): string {
  if (status === 'refused') return 'waiting: the claim was refused'
  return `the claim was given up after several attempts: claim by hand, with \`assay claim ${taskId}\``
}
