import { recall, remember } from '@assay/daemon/database.ts'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { whyTaskIsOver } from '@assay/daemon/task-over.ts'
import { iTasksAbi } from '@assay/sdk/generated/ITasks.ts'
import { joinValidatorsCall } from '@assay/sdk/verbs/tasks/join-validators.ts'
import { zeroHash } from 'viem'
import { keccak256, toHex } from 'viem/utils'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'

/** Subject of what is told about not being a validator. */
const IDLE = 'not a validator'

/**
 * Joins the task's validators once, if the config asks for it. It doesn't join again after this account has left, nor
 * in a task that is over.
 *
 * @returns whether this account is a validator of the task
 * @throws FatalDaemonError when it joined with another encryption key: the oracle couldn't read evidence under that key
 */
export async function joinWhenAsked(context: OracleContext): Promise<boolean> {
  const { reader, account, config } = context
  const { taskId } = config
  const encryptionKey = toHex(await context.keys.encryptionKey())
  const joinedWith = await reader.chain.readContract({
    address: reader.deployment.contracts.tasks,
    abi: iTasksAbi,
    functionName: 'encryptionKeyHashOf',
    args: [taskId, account.address],
  })
  if (joinedWith !== zeroHash) {
    remember(context.db, seenKey(taskId), joinedWith)
    if (joinedWith === keccak256(encryptionKey)) return true
    throw new FatalDaemonError(
      `${account.address} joined task ${taskId} with another encryption key than this oracle's. Start it with the key seed that it joined with, or leave and join again.`,
    )
  }
  const { joinStakeWei: amount } = config
  if (amount === undefined)
    return stayIdle(context, 'not a validator of this task: join it, or start with --join and a stake')
  const over = await whyTaskIsOver(reader, { taskId })
  if (over !== undefined) return stayIdle(context, `not joining: the task is over, ${over}`)
  if (hasLeft(context)) {
    const fix = `to join again run \`assay validator join ${taskId}\`, otherwise stop this oracle`
    return stayIdle(
      context,
      `the account has left the validators, and the oracle does not join again: ${fix}`,
    )
  }

  const call = joinValidatorsCall(reader.deployment, { taskId, amount, encryptionKey })
  const result = await context.outbox.post({ ...joining(taskId), call })
  note(context, 0, 'join', result)
  return false
}

/** Logs why this oracle does nothing, once per reason. */
function stayIdle({ told, log }: OracleContext, reason: string): false {
  if (told.isNews(IDLE, reason)) log.warn(reason)
  return false
}

/** Whether this account was a validator before. A pending transaction that joins doesn't count. */
function hasLeft({ outbox, db, config: { taskId } }: OracleContext): boolean {
  const own = outbox.stateOf(joining(taskId))
  if (own === 'mined') return true
  return own !== 'signed' && own !== 'sent' && recall(db, seenKey(taskId)) !== undefined
}

const joining = (taskId: bigint) => ({ taskId, round: 0, duty: 'join' })
const seenKey = (taskId: bigint) => `joined/${taskId}`
