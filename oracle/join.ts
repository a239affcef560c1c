import type { Block } from '@assay/daemon/clock.ts'
import { recall, remember } from '@assay/daemon/database.ts'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { requireHope } from '@assay/daemon/hopeless.ts'
import { requireTrial } from '@assay/daemon/package-trial.ts'
import { whyTaskIsOver } from '@assay/daemon/task-over.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { validatorShares } from '@assay/engine/run/time-shares.ts'
import type { Trial } from '@assay/engine/run/trial.ts'
import { iTasksAbi } from '@assay/sdk/generated/ITasks.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import { joinValidatorsCall } from '@assay/sdk/verbs/tasks/join-validators.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { zeroHash } from 'viem'
import { keccak256, toHex } from 'viem/utils'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import { awaitPool } from './pool/await-pool.ts'
import { taskPools } from './pool/pool-names.ts'
import { requireStake } from './require-stake.ts'

/**
 * Joins the task's validators once, if the config asks for it. It doesn't join again after this account has left, nor
 * in a task that is over. Before it joins it runs the package on this machine.
 *
 * @returns whether this account is a validator of the task; false while it is joining
 * @throws FatalDaemonError when it can't become one unless somebody acts, joined with another encryption key (the oracle
 * couldn't read evidence under that key), was given another pool than the task's, or can't do its share in time
 */
export async function joinWhenAsked(
  context: OracleContext,
  { number: blockNumber }: Pick<Block, 'number'>,
): Promise<boolean> {
  const { reader, account, config } = context
  const { taskId } = config
  const encryptionKey = toHex(await context.keys.encryptionKey())
  const joinedWith = await reader.chain.readContract({
    address: reader.deployment.contracts.tasks,
    abi: iTasksAbi,
    functionName: 'encryptionKeyHashOf',
    args: [taskId, account.address],
    blockNumber,
  })
  if (joinedWith !== zeroHash) {
    remember(context.db, seenKey(taskId), joinedWith)
    if (joinedWith === keccak256(encryptionKey)) return true
    throw new FatalDaemonError(
      `${account.address} joined task ${taskId} with another encryption key than this oracle's. Start it with the key seed that it joined with, or leave and join again.`,
    )
  }
  const over = await whyTaskIsOver(reader, { taskId, blockNumber })
  if (over !== undefined)
    throw new FatalDaemonError(
      `Not joining: task ${taskId} is over, ${over}. Choose another: assay task list.`,
    )
  if (hasLeft(context, blockNumber))
    throw new FatalDaemonError(
      `The account has left the validators of task ${taskId}, and the oracle does not join again. To do so run \`assay validator join ${taskId}\`.`,
    )

  // A call on its way may have reserved the stake since the last look: it is posted again, which changes nothing.
  const amount = isOnItsWay(context, blockNumber) ? config.joinStakeWei : await requireStake(context)
  if (amount === undefined) return false
  await requireOwnPool(context)
  await requireAble(context)
  const call = joinValidatorsCall(reader.deployment, { taskId, amount, encryptionKey })
  const result = await context.outbox.post({ ...joining(taskId), call })
  requireHope(result, `assay validator join ${taskId}`)
  note(context, 0, 'join', result)
  return false
}

/** A validator that can't score in time pays for every duty. The pool isn't needed to tell: times follow from shapes. */
async function requireAble(context: OracleContext): Promise<void> {
  const { reader, config, bench } = context
  const params = await readTaskParams(reader, { taskId: config.taskId })
  const { spec } = await bench.package(params.specHash)
  const shares = ({ slowest }: Trial) => validatorShares(spec, params, slowest)
  await requireTrial(context, params.specHash, { toDo: 'join', shares })
}

/** A pool that its owner gave this validator is checked before it joins. One from the stores comes to those who joined. */
async function requireOwnPool(context: OracleContext): Promise<void> {
  const { reader, config } = context
  const { taskId, poolFile } = config
  if (poolFile === undefined) return
  const { specHash } = await readTaskParams(reader, { taskId })
  try {
    const pools = taskPools(specHash, await readPool(reader, { taskId }))
    for (const pool of pools) await awaitPool(context, pool)
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.code === 'limit') throw error
    throw new FatalDaemonError(
      `The task's package is invalid: ${error.message}. Nobody can be scored with it, so this oracle does not join.`,
    )
  }
}

/** Whether this account was a validator before a block at which it isn't. A transaction that is pending there doesn't count. */
function hasLeft(context: OracleContext, blockNumber: bigint): boolean {
  const { outbox, db, config } = context
  const { taskId } = config
  if (outbox.stateOf(joining(taskId), blockNumber) === 'mined') return true
  return !isOnItsWay(context, blockNumber) && recall(db, seenKey(taskId)) !== undefined
}

function isOnItsWay({ outbox, config: { taskId } }: OracleContext, blockNumber: bigint): boolean {
  return ['signed', 'sent'].includes(outbox.stateOf(joining(taskId), blockNumber))
}

const joining = (taskId: bigint) => ({ taskId, round: 0, duty: 'join' })
const seenKey = (taskId: bigint) => `joined/${taskId}`
