import { collect, collectCall } from '@assay/sdk/verbs/rounds/collect.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { amountText, parseTaskId } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { rewardTokenOf } from '../token.ts'
import { perform } from '../transaction.ts'

/** `assay collect <task>` */
export function addCollect(program: Command): void {
  const command = addVerb(program, {
    usage: 'collect <task>',
    summary: 'Move the pay of closed rounds out of the escrow, where claims are paid from.',
    details:
      'The end of each round does it. Needed only after the reward token refused; anyone may call it while no round is open.',
    examples: ['assay collect 1 --keystore me.json'],
  })
  withTransaction(command).action(async (task: string, options: KeyOptions) => {
    const taskId = parseTaskId(task)
    await perform(options, async (reader) => {
      const token = await rewardTokenOf(reader, taskId)
      return {
        title: `Collect the pay of closed rounds of task ${taskId}`,
        moves: [],
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
