import { FatalDaemonError } from '@assay/sdk/daemon/errors.ts'
import { iTasksAbi } from '@assay/sdk/generated/ITasks.ts'
import { joinValidatorsCall } from '@assay/sdk/verbs/join-validators.ts'
import { zeroHash } from 'viem'
import { keccak256, toHex } from 'viem/utils'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'

/**
 * Joins the task's validators when the configuration asks for it. Says whether this account is one.
 *
 * @throws FatalDaemonError when it joined with another encryption key: evidence sealed to that key could not be opened
 */
export async function joinWhenAsked(context: OracleContext): Promise<boolean> {
  const { reader, account, settings, log } = context
  const { taskId } = settings
  const encryptionKey = toHex(await context.keys.encryptionKey())
  const joinedWith = await reader.chain.readContract({
    address: reader.deployment.contracts.tasks,
    abi: iTasksAbi,
    functionName: 'encryptionKeyHashOf',
    args: [taskId, account.address],
  })
  if (joinedWith !== zeroHash) {
    if (joinedWith === keccak256(encryptionKey)) return true
    throw new FatalDaemonError(
      `${account.address} joined task ${taskId} with another encryption key than this oracle's. Start it with the key seed that it joined with, or leave and join again.`,
    )
  }
  if (settings.joinStakeWei === undefined) {
    if (!context.noted.has('outsider'))
      log.warn('not a validator of this task: join it, or start with --join and a stake')
    context.noted.add('outsider')
    return false
  }

  const call = joinValidatorsCall(reader.deployment, { taskId, amount: settings.joinStakeWei, encryptionKey })
  const result = await context.outbox.post({ taskId, round: 0, duty: 'join', call })
  note(context, 0, 'join', result)
  return false
}
