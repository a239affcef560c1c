import { readStake } from '@assay/sdk/verbs/read-stake.ts'
import { withdraw, withdrawCall } from '@assay/sdk/verbs/withdraw.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { ASSAY, amountText, timeText } from '../format.ts'
import { addressOf, type KeyOptions, withTransaction } from '../options.ts'
import { chainSeconds } from '../time.ts'
import { perform } from '../transaction.ts'

/** `assay withdraw` */
export function addWithdraw(program: Command): void {
  const command = addVerb(program, {
    usage: 'withdraw',
    summary: 'Take out the stake whose unbonding time is over.',
    examples: ['assay withdraw --keystore me.json'],
  })
  withTransaction(command).action(async (options: KeyOptions) => {
    const account = await addressOf(options)
    await perform(options, async (reader) => {
      const { unbonding, availableAt = 0 } = await readStake(reader, { account })
      const now = await chainSeconds(reader)
      if (unbonding > 0n && availableAt > now) {
        throw new CliError(
          'tryAgain',
          `${amountText(unbonding, ASSAY)} is still unbonding until ${timeText(availableAt, now)}.`,
          'Run assay withdraw then.',
        )
      }
      const said = amountText(unbonding, ASSAY)
      return {
        title: `Withdraw ${said}`,
        moves: [{ amount: said, from: 'your stake', to: 'your wallet' }],
        calls: [withdrawCall(reader.deployment)],
        send: (client) => withdraw(client),
        done: ({ amount }) => ({
          data: { withdrawn: amount },
          text: `Withdrew ${amountText(amount, ASSAY)}.`,
        }),
      }
    })
  })
}
