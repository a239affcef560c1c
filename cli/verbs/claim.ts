import { amountText } from '@assay/sdk/client/amounts.ts'
import { claim, claimCall } from '@assay/sdk/verbs/rounds/claim.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { deadlineText, parseAddress, parseTaskId } from '../format.ts'
import { addressOf, type KeyOptions, withTransaction } from '../options.ts'
import { chainSeconds } from '../time.ts'
import { rewardTokenOf } from '../token.ts'
import { perform } from '../transaction.ts'

/** `assay claim <task>` */
export function addClaim(program: Command): void {
  const command = addVerb(program, {
    usage: 'claim <task>',
    summary: 'Pay out everything that has matured in a task, from any number of rounds.',
    details:
      'Pay matures when the challenge window of its round is over. Anyone may call this; the money goes to its owner.',
    examples: ['assay claim 1 --keystore me.json', 'assay claim 1 --account 0x… --keystore me.json'],
  })
  withTransaction(command)
    .option('--account <address>', 'whose earnings (default: your own)', parseAddress)
    .action(async (task: string, options: KeyOptions & { account?: `0x${string}` }) => {
      const taskId = parseTaskId(task)
      const account = options.account ?? (await addressOf(options))
      await perform(options, async (reader) => {
        const token = await rewardTokenOf(reader, taskId)
        const { matured, pending, held, seized, cases, nextMaturesAt } = await readEarnings(reader, {
          taskId,
          account,
        })
        if (matured === 0n) {
          const next =
            nextMaturesAt === undefined
              ? ''
              : ` from ${deadlineText(nextMaturesAt, await chainSeconds(reader))}`
          const waits =
            cases > 0
              ? `${amountText(seized + held, token)} is kept by open cases: ${cases}.`
              : `${amountText(held, token)} is held until the next passed audit.`
          throw new CliError(
            pending > 0n ? 'tryAgain' : 'failed',
            `Nothing of ${account} has matured in task ${taskId}.`,
            pending > 0n
              ? `${amountText(pending, token)} matures${next}.`
              : seized + held > 0n
                ? waits
                : 'Nothing is pending either. A running assay contribute claims by itself: it may have done so.',
          )
        }
        // More may mature until the claim is in a block; then that is paid, too.
        const said = `at least ${amountText(matured, token, 'down')}`
        return {
          title: `Claim ${said}`,
          moves: [{ amount: said, from: `task ${taskId}`, to: account }],
          token,
          calls: [claimCall(reader.deployment, { taskId, account })],
          send: (client) => claim(client, { taskId, account }),
          done: ({ amount }) => ({
            data: { account, claimed: amount },
            text: `${amountText(amount, token)} went to ${account}.`,
          }),
        }
      })
    })
}
