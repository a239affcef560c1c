import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { cancelUnstake, cancelUnstakeCall } from '@assay/sdk/verbs/stake-registry/cancel-unstake.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { requestUnstake, requestUnstakeCall } from '@assay/sdk/verbs/stake-registry/request-unstake.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { deadlineText, parseAmount } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { chainSeconds } from '../time.ts'
import { perform } from '../transaction.ts'

/** `assay unstake <amount>` and `assay unstake --cancel` */
export function addUnstake(program: Command): void {
  const command = addVerb(program, {
    usage: 'unstake [amount]',
    summary: 'Ask for free stake back, which no task has reserved.',
    details:
      'It can be withdrawn after the unbonding time and can be slashed until then. One request at a time.',
    examples: ['assay unstake 250 --keystore me.json', 'assay unstake --cancel --keystore me.json'],
  })
  withTransaction(command)
    .option('--cancel', 'take the request back: the amount counts as stake again')
    .action(async (text: string | undefined, options: KeyOptions & { cancel?: boolean }) => {
      if ((text === undefined) !== (options.cancel === true)) {
        throw new CliError('usage', 'Give either an amount or --cancel.', 'For example: assay unstake 250')
      }
      await (text === undefined ? cancel(options) : request(options, parseAmount(text, ASSAY)))
    })
}

function request(options: KeyOptions, amount: bigint): Promise<void> {
  const said = amountText(amount, ASSAY, 'exact')
  return perform(options, async ({ deployment }) => ({
    title: `Ask for ${said} of your stake back`,
    moves: [{ amount: said, from: 'your active stake', to: 'unbonding (still slashable)' }],
    calls: [requestUnstakeCall(deployment, { amount })],
    send: (client) => requestUnstake(client, { amount }),
    done: async (_, client) => {
      const { availableAt = 0, active } = await readStake(client, { account: client.wallet.account.address })
      const when = deadlineText(availableAt, await chainSeconds(client))
      return {
        data: { requested: amount, active, availableAt },
        text: `${said} can be withdrawn from ${when}\nwith: assay withdraw`,
      }
    },
  }))
}

function cancel(options: KeyOptions): Promise<void> {
  return perform(options, async ({ deployment }) => ({
    title: 'Take your request for stake back',
    moves: [],
    calls: [cancelUnstakeCall(deployment)],
    send: (client) => cancelUnstake(client),
    done: async (_, client) => {
      const { active } = await readStake(client, { account: client.wallet.account.address })
      return {
        data: { active },
        text: `The request is gone. Your stake is now ${amountText(active, ASSAY)}.`,
      }
    },
  }))
}
