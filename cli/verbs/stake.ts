import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { stake, stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { parseAmount } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { perform } from '../transaction.ts'

/** Most gas of a permit and a stake, or of an approval and a stake. */
const GAS_AT_MOST = 200_000n

/** `assay stake <amount>` */
export function addStake(program: Command): void {
  const command = addVerb(program, {
    usage: 'stake <amount>',
    summary: 'Stake ASSAY, so that tasks can reserve it.',
    details:
      'Stake earns nothing by itself. Tasks reserve it when you enrol or validate, and it is slashed for faults there.',
    examples: ['assay stake 1000 --keystore me.json'],
  })
  withTransaction(command).action(async (text: string, options: KeyOptions) => {
    const amount = parseAmount(text, ASSAY)
    const said = amountText(amount, ASSAY, 'exact')
    await perform(options, async ({ deployment }) => {
      const { assayToken, stakeRegistry } = deployment.contracts
      const approval = approveCall({ token: assayToken, spender: stakeRegistry, amount })
      return {
        title: `Stake ${said}`,
        moves: [{ amount: said, from: 'your wallet', to: 'your stake' }],
        notes: ['To get it back: assay unstake, then wait for the unbonding time'],
        spends: { token: assayToken, unit: ASSAY, amount },
        calls: [approval, stakeCall(deployment, { amount })],
        gasAtMost: GAS_AT_MOST,
        send: (client) => stake(client, { amount }),
        done: async (_, client) => {
          const { active } = await readStake(client, { account: client.wallet.account.address })
          return {
            data: { staked: amount, active },
            text: `Staked ${said}. Your stake is now ${amountText(active, ASSAY)}.`,
          }
        },
      }
    })
  })
}
