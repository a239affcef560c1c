import { ASSAY, amountText, type TokenUnit } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { type Releasable, readReleasable } from '@assay/sdk/verbs/rounds/read-releasable.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { leave, leaveCall } from '@assay/sdk/verbs/tasks/leave.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseAmount, parseTaskId } from '../format.ts'
import { addressOf, type KeyOptions, namesKey, withTransaction } from '../options.ts'
import { rewardTokenOf } from '../token.ts'
import { perform } from '../transaction.ts'

type LeaveOptions = KeyOptions & { minReleased?: string }

/** `assay leave <task>` */
export function addLeave(program: Command): void {
  const command = addVerb(program, {
    usage: 'leave <task>',
    summary: 'End your enrolment as a contributor and free the reserved stake.',
    details:
      'Possible once the first round after your enrolment and your last round are final; if no round opens, after the length of a round. What you earned stays yours to claim. What is held until the next passed audit is released if no audit can decide on it: the task is closed, has had no round for 14 days, or is over and its last round could not judge you. Otherwise it is lost. The preview shows how much is released; if it is less when the transaction gets into a block, the transaction is refused.',
    examples: ['assay leave 1 --keystore me.json', 'assay leave 1 --min-released 0 --keystore me.json'],
  })
  withTransaction(command)
    .option(
      '--min-released <amount>',
      'least held pay to be released, in the reward token (default: what the preview shows)',
    )
    .action(async (task: string, options: LeaveOptions) => {
      const taskId = parseTaskId(task)
      await perform(options, async (reader) => {
        const { minReleased, notes } = await termsOf(reader, taskId, options)
        return {
          title: `Leave task ${taskId}`,
          moves: [],
          notes: ['Your reserved stake of this task becomes free', ...notes],
          calls: [leaveCall(reader.deployment, { taskId, minReleased })],
          send: (client) => leave(client, { taskId, minReleased }),
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

/** The least release to accept, and what to know about held pay, if there is any. */
async function termsOf(
  reader: AssayReader,
  taskId: bigint,
  options: LeaveOptions,
): Promise<{ minReleased: bigint; notes: string[] }> {
  const token = await rewardTokenOf(reader, taskId)
  const least = leastOf(options, token)
  if (options.unsigned && least !== undefined) return { minReleased: least, notes: [] }
  if (options.unsigned && !namesKey(options)) {
    throw new CliError(
      'usage',
      'Without a key nobody can look up what is held for you.',
      'Give --min-released: the least held pay to be released, 0 to accept any.',
    )
  }
  const pay = await readReleasable(reader, { taskId, contributor: await addressOf(options) })
  return { minReleased: least ?? pay.released, notes: heldNotes(pay, token) }
}

function leastOf({ minReleased }: LeaveOptions, token: TokenUnit): bigint | undefined {
  if (minReleased === undefined) return undefined
  return parseAmount(minReleased, token, { field: '--min-released', mayBeZero: true })
}

function heldNotes({ held, released }: Releasable, token: TokenUnit): string[] {
  if (held === 0n) return []
  const amount = amountText(held, token)
  if (released === held) return [`${amount} is held and will be released to you`]
  if (released > 0n) {
    const lost = amountText(held - released, token)
    return [`${amount} is held: ${amountText(released, token)} will be released to you, ${lost} is lost`]
  }
  return [`${amount} is held until an audit: it is lost if you leave now (assay leave --help)`]
}
