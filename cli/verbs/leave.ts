import { leave, leaveCall } from '@assay/sdk/verbs/leave.ts'
import { readStake } from '@assay/sdk/verbs/read-stake.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { ASSAY, amountText, parseTaskId } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { perform } from '../transaction.ts'

/** `assay leave <task>` */
export function addLeave(program: Command): void {
  const command = addVerb(program, {
    usage: 'leave <task>',
    summary: 'End your enrolment as a contributor and have the reserved stake freed.',
    details: 'Possible once your last round is final. What you earned stays yours to claim.',
    examples: ['assay leave 1 --keystore me.json'],
  })
  withTransaction(command).action(async (task: string, options: KeyOptions) => {
    const taskId = parseTaskId(task)
    await perform(options, async (reader) => ({
      title: `Leave task ${taskId}`,
      moves: [],
      notes: ['Your reserved stake of this task becomes free'],
      calls: [leaveCall(reader.deployment, { taskId })],
      send: (client) => leave(client, { taskId }),
      done: async (_, client) => {
        const { free } = await readStake(client, { account: client.wallet.account.address })
        return {
          data: { taskId, free },
          text: `You left task ${taskId}. Free stake: ${amountText(free, ASSAY)}.`,
        }
      },
    }))
  })
}
