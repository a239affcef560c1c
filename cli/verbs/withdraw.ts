import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { withdraw, withdrawCall } from '@assay/sdk/verbs/stake-registry/withdraw.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { ASSAY, amountText, parseAddress, timeText } from '../format.ts'
import { addressOf, type KeyOptions, namesKey, withTransaction } from '../options.ts'
import { chainSeconds } from '../time.ts'
import { perform } from '../transaction.ts'

interface WithdrawOptions extends KeyOptions {
  account?: Address
}

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
    .action(async (options: WithdrawOptions) => {
      const account = await senderOf(options)
      await perform(options, async (reader) => {
        const amount = account === undefined ? undefined : await unbondedOf(reader, account)
        const said = amount === undefined ? 'what has unbonded' : amountText(amount, ASSAY)
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

/** Who withdraws; undefined if that isn't needed. @throws CliError for another account than the one that signs */
async function senderOf(options: WithdrawOptions): Promise<Address | undefined> {
  const { account, unsigned } = options
  if (!unsigned && account !== undefined) {
    throw new CliError(
      'usage',
      'Stake goes to the account that sends the withdrawal, so --account needs --unsigned.',
      "Give --unsigned, or the account's own key instead of --account.",
    )
  }
  return account ?? (unsigned && !namesKey(options) ? undefined : await addressOf(options))
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
    `${amountText(unbonding, ASSAY)} is still unbonding until ${timeText(availableAt, now)}.`,
    'Run assay withdraw then.',
  )
}
