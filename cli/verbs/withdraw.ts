import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { withdraw, withdrawCall } from '@assay/sdk/verbs/stake-registry/withdraw.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { deadlineText, parseAddress } from '../format.ts'
import { type SenderOptions, senderOf, withTransaction } from '../options.ts'
import { chainSeconds } from '../time.ts'
import { perform } from '../transaction.ts'

/** `assay withdraw` */
export function addWithdraw(program: Command): void {
  const command = addVerb(program, {
    usage: 'withdraw',
    summary: 'Take out the stake whose unbonding time is over.',
    details: 'Only the account that asked for the stake can withdraw it, and the stake goes to that account.',
    examples: ['assay withdraw --keystore me.json', 'assay withdraw --unsigned --account 0x…'],
  })
  withTransaction(command)
    .option(
      '--account <address>',
      'with --unsigned: the account that will send it, to check first what it can withdraw',
      parseAddress,
    )
    .action(async (options: SenderOptions) => {
      const account = await senderOf(options)
      await perform(options, async (reader) => {
        const amount = account === undefined ? undefined : await unbondedOf(reader, account)
        const said = amount === undefined ? 'what has unbonded' : `at most ${amountText(amount, ASSAY, 'up')}`
        return {
          title: `Withdraw ${said}`,
          moves: [{ amount: said, from: 'your stake', to: 'your wallet' }],
          notes: ['A slash before that takes its part'],
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

/** ASSAY wei that the account can withdraw now. @throws CliError if it has none, or with the time if that is later */
async function unbondedOf(reader: AssayReader, account: Address): Promise<bigint> {
  const { unbonding, availableAt = 0 } = await readStake(reader, { account })
  if (unbonding === 0n) {
    throw new CliError(
      'failed',
      `No stake of ${account} is unbonding.`,
      'Ask for some back first: assay unstake',
    )
  }
  const now = await chainSeconds(reader)
  if (availableAt <= now) return unbonding
  throw new CliError(
    'tryAgain',
    `${amountText(unbonding, ASSAY)} is still unbonding until ${deadlineText(availableAt, now)}.`,
    'Run assay withdraw then.',
  )
}
