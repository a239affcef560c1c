import type { ChildProcess } from 'node:child_process'
import { createTestClient, http, publicActions } from 'viem'
import { startAnvil } from '../../tools/anvil.ts'

/** 2026-01-01: the first block's time, so that two runs have equal block hashes. */
const GENESIS_TIMESTAMP = 1_767_225_600

/** A local chain that makes a block only when told to, with the time that it is told. */
export interface DemoChain {
  rpcUrl: string
  process: ChildProcess
  client: ReturnType<typeof connect>
  /** Mines the waiting transactions, in the order of their fees, `seconds` after the last block. */
  mine(seconds: number): Promise<{ number: bigint; timestamp: bigint; transactions: number }>
  waitingTransactions(): Promise<number>
}

/**
 * Starts anvil on a free port, mining on demand, with fixed times.
 * @param chainId the chain's id
 * @param flags more arguments for anvil
 * @throws Error when anvil is not installed or doesn't answer in time
 */
export async function startChain(chainId: number, flags: string[] = []): Promise<DemoChain> {
  const fixed = ['--no-mining', '--order', 'fees', '--timestamp', String(GENESIS_TIMESTAMP)]
  const { process, rpcUrl } = await startAnvil([
    '--chain-id',
    String(chainId),
    '--accounts',
    '1',
    ...fixed,
    ...flags,
  ])
  const client = connect(rpcUrl)
  // A line for each request would fill the pipe while the demo's own process is busy.
  await client.setLoggingEnabled(false)
  return {
    rpcUrl,
    process,
    client,
    mine: async (seconds) => {
      const { timestamp } = await client.getBlock()
      await client.setNextBlockTimestamp({ timestamp: timestamp + BigInt(seconds) })
      await client.mine({ blocks: 1 })
      const block = await client.getBlock()
      return { number: block.number, timestamp: block.timestamp, transactions: block.transactions.length }
    },
    waitingTransactions: async () => (await client.getTxpoolStatus()).pending,
  }
}

function connect(rpcUrl: string) {
  const transport = http(rpcUrl, { retryCount: 0, timeout: 60_000 })
  return createTestClient({ mode: 'anvil', transport, pollingInterval: 20, cacheTime: 0 }).extend(
    publicActions,
  )
}
