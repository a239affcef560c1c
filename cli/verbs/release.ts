import { amountText } from '@assay/sdk/client/amounts.ts'
import { releaseHeld, releaseHeldCall } from '@assay/sdk/verbs/rounds/release-held.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { parseAddress, parseTaskId } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { rewardTokenOf } from '../token.ts'
import { perform } from '../transaction.ts'

/** `assay release <task> <contributor>` */
export function addRelease(program: Command): void {
  const command = addVerb(program, {
    usage: 'release <task> <contributor>',
    summary: 'End the hold on the pay of a contributor that does not leave a task.',
    details:
      "Anyone may call it, from 28 days after the task's last round became final on, while no round is open. The contributor gets what leaving would release; the rest goes back to the task.",
    examples: ['assay release 1 0x… --keystore me.json'],
  })
  withTransaction(command).action(async (task: string, who: string, options: KeyOptions) => {
    const taskId = parseTaskId(task)
    const contributor = parseAddress(who)
    await perform(options, async (reader) => {
      const token = await rewardTokenOf(reader, taskId)
      return {
        title: `Release what is held for ${contributor} in task ${taskId}`,
        moves: [],
        calls: [releaseHeldCall(reader.deployment, { taskId, contributor })],
        send: (client) => releaseHeld(client, { taskId, contributor }),
        done: ({ released, cancelled }) => ({
          data: { taskId, contributor, released, cancelled },
          text: `${amountText(released, token)} was credited to ${contributor}, ${amountText(cancelled, token)} went back to task ${taskId}.`,
        }),
      }
    })
  })
}
