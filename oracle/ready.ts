import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { readyCall } from '@assay/sdk/verbs/rounds/ready.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import type { PoolName } from './pool/seal-pool.ts'

/** Subject of what is told about readiness. */
const READY = 'ready'

/**
 * Says on chain that this oracle is ready with the pool that it has and that can judge. Its validator counts only from then on. Looks
 * at the chain until that is done, and once more whenever a round opens or ends: a new bid or another pool needs a new call.
 */
export async function sayReady(
  context: OracleContext,
  { round, phase }: Pick<RoundState, 'round' | 'phase'>,
  { poolRoot }: PoolName,
): Promise<void> {
  const moment = `${round} ${phase === 'Idle'} ${poolRoot}`
  if (context.readyIn === moment) return
  const { reader, account, config, outbox, told, log } = context
  const { taskId } = config
  const [{ bid }, pool] = await Promise.all([
    readValidator(reader, { taskId, validator: account.address }),
    readPool(reader, { taskId }),
  ])
  if (bid === undefined) return
  const isCurrent = poolRoot === pool.poolRoot
  if (!isCurrent && poolRoot !== pool.announced?.poolRoot) {
    if (told.isNews(READY, pool.poolRoot))
      log.warn({ has: poolRoot, needs: pool.poolRoot }, 'not ready: the task has another pool by now')
    return
  }
  if (isCurrent ? bid.isReady : bid.isReadyForAnnounced) {
    context.readyIn = moment
    return
  }
  const call = readyCall(reader.deployment, { taskId, poolRoot })
  // A bid that was outbid starts anew, and is ready anew.
  const duty = `ready/${bid.bidAt}/${poolRoot}`
  note(context, bid.firstRound, READY, await outbox.post({ taskId, round: bid.firstRound, duty, call }))
}
