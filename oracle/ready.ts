import type { Block } from '@assay/daemon/clock.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { readyCall } from '@assay/sdk/verbs/rounds/ready.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import type { TaskPool } from './pool/pool-names.ts'

/** What the chain says at one block. */
type Moment = Pick<RoundState, 'round' | 'phase'> & Pick<Block, 'number'>

/**
 * Says on chain that this oracle is ready with the pools that it has and that can judge. Its validator counts only from
 * then on. Looks at the chain until that is done, and again whenever a round opens or ends or a pool is here: a new bid
 * or another pool needs a new call.
 */
export async function sayReady(
  context: OracleContext,
  { round, phase, number: blockNumber }: Moment,
  pools: readonly TaskPool[],
): Promise<void> {
  const moment = [round, phase === 'Idle', ...pools.map(keyOf)].join(' ')
  if (pools.length === 0 || context.readyIn === moment) return
  const { reader, account, config, outbox } = context
  const { taskId } = config
  const { bid } = await readValidator(reader, { taskId, validator: account.address, blockNumber })
  if (bid === undefined) return
  const missing = pools.filter(({ isAnnounced }) => !(isAnnounced ? bid.isReadyForAnnounced : bid.isReady))
  if (missing.length === 0) {
    context.readyIn = moment
    return
  }
  for (const pool of missing) {
    const { poolRoot } = pool
    const call = readyCall(reader.deployment, { taskId, poolRoot })
    // A bid that was outbid starts anew, and is ready anew; so is a pool that comes back.
    const duty = `ready/${bid.bidAt}/${keyOf(pool)}`
    note(context, bid.firstRound, 'ready', await outbox.post({ taskId, round: bid.firstRound, duty, call }))
  }
}

const keyOf = ({ firstRound, poolRoot }: TaskPool) => `${firstRound}/${poolRoot}`
