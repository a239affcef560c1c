import { amountText } from '@assay/sdk/client/amounts.ts'
import { returnForfeited, returnForfeitedCall } from '@assay/sdk/verbs/rounds/return-forfeited.ts'
import { readTaskFunds } from '@assay/sdk/verbs/tasks/read-task-funds.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { parseTaskId } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { rewardTokenOf } from '../token.ts'
import { perform } from '../transaction.ts'

/** `assay task reclaim <task>` */
export function addReclaim(task: Command): void {
  const command = addVerb(task, {
    usage: 'reclaim <task>',
    summary: 'Move pay that verdicts took from its earners to the escrow of the task.',
    details:
      'Anyone may call it at any time. The task can spend the money on its next rounds, or refund it once it is closed; while a round is open it is free when that round has ended.',
    examples: ['assay task reclaim 1 --keystore me.json'],
  })
  withTransaction(command).action(async (task: string, options: KeyOptions) => {
    const taskId = parseTaskId(task)
    await perform(options, async (reader) => {
      const token = await rewardTokenOf(reader, taskId)
      const { forfeited } = await readTaskFunds(reader, { taskId })
      return {
        title: `Return ${amountText(forfeited, token)} of forfeited pay to the escrow of task ${taskId}`,
        moves: [],
        token,
        calls: [returnForfeitedCall(reader.deployment, { taskId })],
        send: (client) => returnForfeited(client, { taskId }),
        done: ({ amount }) => ({
          data: { taskId, returned: amount },
          text: `${amountText(amount, token)} went back to task ${taskId}.`,
        }),
      }
    })
  })
}
