import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { Address, Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Account } from './cast.ts'
import type { DemoChain } from './chain.ts'

/** Gas of a set-up transaction at most; fixed, so that two runs are equal. */
const GAS = 3_000_000n
/** Set-up fits into a few blocks. */
const MOST_BLOCKS = 100
const GWEI = 1_000_000_000n

/**
 * Signs calls, puts them into blocks and returns when all of them succeeded. Each account's calls keep their order.
 * @throws Error naming the account and the reason of the first call that was refused
 */
export async function transact(
  chain: DemoChain,
  calls: { account: Account; to: Address; data: Hex; value?: bigint }[],
): Promise<void> {
  const chainId = await chain.client.getChainId()
  const nonces = new Map<Address, number>()
  const sent: { hash: Hex; account: Account }[] = []
  for (const { account, to, data, value = 0n } of calls) {
    const { address, privateKey, priorityFeeWei } = account
    const nonce = nonces.get(address) ?? (await chain.client.getTransactionCount({ address }))
    nonces.set(address, nonce + 1)
    const raw = await privateKeyToAccount(privateKey).signTransaction({
      chainId,
      type: 'eip1559',
      nonce,
      to,
      data,
      value,
      gas: GAS,
      maxFeePerGas: 100n * GWEI,
      maxPriorityFeePerGas: priorityFeeWei,
    })
    sent.push({ hash: await chain.client.sendRawTransaction({ serializedTransaction: raw }), account })
  }
  await mineWaiting(chain)
  for (const { hash, account } of sent) {
    const { status } = await chain.client.getTransactionReceipt({ hash })
    if (status !== 'success') throw new Error(`${account.name}: ${await reason(chain, hash)}`)
  }
}

/** Mines until no transaction waits. A call that no block takes would wait for ever. */
async function mineWaiting(chain: DemoChain): Promise<void> {
  for (let blocks = 0; (await chain.waitingTransactions()) > 0; blocks++) {
    if (blocks === MOST_BLOCKS)
      throw new Error(
        `${await chain.waitingTransactions()} transactions get into no block: see their fees and nonces.`,
      )
    await chain.mine(1)
  }
}

async function reason({ client }: DemoChain, hash: Hex): Promise<string> {
  const { from, to, input, blockNumber } = await client.getTransaction({ hash })
  try {
    await client.call({ account: from, to, data: input, blockNumber: blockNumber! })
    return `transaction ${hash} was reverted`
  } catch (error) {
    return decodeFailure(error).message
  }
}
