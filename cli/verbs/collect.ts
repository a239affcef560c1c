import { amountText } from '@assay/sdk/client/amounts.ts'
import { collect, collectCall } from '@assay/sdk/verbs/rounds/collect.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { parseTaskId } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { rewardTokenOf } from '../token.ts'
import { perform } from '../transaction.ts'

/** `assay collect <task>` */
export function addCollect(program: Command): void {
  const command = addVerb(program, {
    usage: 'collect <task>',
    summary: 'Move credited pay from the escrow to the purse, which claims are paid from.',
    details:
      'The end of each round does this. It is needed if the reward token refused the transfer then, or if pay matures before its round has ended. Anyone may call it at any time.',
    examples: ['assay collect 1 --keystore me.json'],
  })
  withTransaction(command).action(async (task: string, options: KeyOptions) => {
    const taskId = parseTaskId(task)
    await perform(options, async (reader) => {
      const token = await rewardTokenOf(reader, taskId)
      return {
        title: `Collect the credited pay of task ${taskId}`,
        moves: [],
        token,
        calls: [collectCall(reader.deployment, { taskId })],
        send: (client) => collect(client, { taskId }),
        done: ({ amount }) => ({
          data: { taskId, collected: amount },
          text: `${amountText(amount, token)} of task ${taskId} can be claimed as it matures.`,
        }),
      }
    })
  })
}
