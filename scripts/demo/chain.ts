import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createTestClient, http, publicActions } from 'viem'
import { anvilBinary } from '../../tools/anvil.ts'

/** 2026-01-01: the first block's time, so that two runs have equal block hashes. */
const GENESIS_TIMESTAMP = 1_767_225_600
const STARTUP_MS = 120_000

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
  const port = await freePort()
  const args = [
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--chain-id',
    String(chainId),
    '--accounts',
    '1',
  ]
  const fixed = ['--no-mining', '--order', 'fees', '--timestamp', String(GENESIS_TIMESTAMP), '--silent']
  const process = spawn(anvilBinary(), [...args, ...fixed, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] })
  const rpcUrl = `http://127.0.0.1:${port}`
  const client = connect(rpcUrl)
  await answering(process, client)
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

async function answering(process: ChildProcess, client: ReturnType<typeof connect>): Promise<void> {
  let failure: string | undefined
  let said = ''
  process.stderr?.on('data', (part) => (said += part))
  process.once('error', (error) => (failure = error.message))
  process.once('exit', (code) => (failure ??= `it ended with code ${code}. ${said.trim()}`))
  const deadline = performance.now() + STARTUP_MS
  while (failure === undefined && performance.now() < deadline) {
    const answered = await client.getChainId().then(
      () => true,
      () => false,
    )
    if (answered) return
    await new Promise((wake) => setTimeout(wake, 20))
  }
  process.kill('SIGKILL')
  throw new Error(
    `anvil did not start: ${failure ?? `no answer in ${STARTUP_MS / 1000} s`} (install it with npm ci)`,
  )
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null
          ? found(address.port)
          : failed(new Error('no free port')),
      )
    })
  })
}
