import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { leave, leaveCall } from '@assay/sdk/verbs/tasks/leave.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { addVerb } from '../command.ts'
import { parseTaskId } from '../format.ts'
import { addressOf, type KeyOptions, withTransaction } from '../options.ts'
import { rewardTokenOf } from '../token.ts'
import { perform } from '../transaction.ts'

/** `assay leave <task>` */
export function addLeave(program: Command): void {
  const command = addVerb(program, {
    usage: 'leave <task>',
    summary: 'End your enrolment as a contributor and free the reserved stake.',
    details:
      'Possible once the first round after your enrolment and your last round are final; if no round opens, after the length of a round. What you earned stays yours to claim. What is held until the next passed audit is lost, unless the task is closed, has had no round for 14 days, or is over and you took part in its last round.',
    examples: ['assay leave 1 --keystore me.json'],
  })
  withTransaction(command).action(async (task: string, options: KeyOptions) => {
    const taskId = parseTaskId(task)
    await perform(options, async (reader) => {
      const lost = options.unsigned ? [] : await heldNotes(reader, taskId, await addressOf(options))
      return {
        title: `Leave task ${taskId}`,
        moves: [],
        notes: ['Your reserved stake of this task becomes free', ...lost],
        calls: [leaveCall(reader.deployment, { taskId })],
        send: (client) => leave(client, { taskId }),
        done: async (_, client) => {
          const { free } = await readStake(client, { account: client.wallet.account.address })
          return {
            data: { taskId, free },
            text: `You left task ${taskId}. Free stake: ${amountText(free, ASSAY)}.`,
          }
        },
      }
    })
  })
}

/** What to know about held pay, if there is any. */
async function heldNotes(reader: AssayReader, taskId: bigint, account: Address): Promise<string[]> {
  const { held } = await readEarnings(reader, { taskId, account })
  if (held === 0n) return []
  const amount = amountText(held, await rewardTokenOf(reader, taskId))
  return [`${amount} is held until an audit: lost, unless the task is over (assay leave --help)`]
}
