import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { transfer, transferCall } from '@assay/sdk/verbs/assay-token/transfer.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { parseAddress, parseAmount } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { perform } from '../transaction.ts'

/** `assay send <address> <amount>` */
export function addSend(program: Command): void {
  const command = addVerb(program, {
    usage: 'send <address> <amount>',
    summary: 'Send ASSAY from your wallet to an address.',
    examples: ['assay send 0x… 1500 --keystore me.json'],
  })
  withTransaction(command).action(async (address: string, text: string, options: KeyOptions) => {
    const to = parseAddress(address)
    const amount = parseAmount(text, ASSAY)
    const said = amountText(amount, ASSAY, 'exact')
    await perform(options, async ({ deployment }) => {
      const parameters = { token: deployment.contracts.assayToken, to, amount }
      return {
        title: `Send ${said}`,
        moves: [{ amount: said, from: 'your wallet', to }],
        spends: { token: parameters.token, unit: ASSAY, amount },
        calls: [transferCall(parameters)],
        send: (client) => transfer(client, parameters),
        done: () => ({ data: { sent: amount, to }, text: `Sent ${said} to ${to}.` }),
      }
    })
  })
}
