import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { timeText } from '@assay/sdk/client/times.ts'
import { bytesToHex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { anvilBinary } from '../tools/anvil.ts'
import { readArguments } from './command/read-arguments.ts'
import { reportFailure } from './command/report-failure.ts'
import { UsageError } from './command/usage-error.ts'

const USAGE = `npm run chain -- [options]

A chain on this machine to try things on, until interrupted: a block every second, accounts with 10,000 ETH each, whose keys
it prints. Never use those keys anywhere else: everybody knows them. It forgets everything when it ends.

  --port N       port to listen on, on 127.0.0.1 only (default 8545)
  --seconds N    seconds from block to block, 1 to 60 (default 1)
  --accounts N   how many accounts to give ether to, 1 to 100 (default 12)
  --forward N    instead of starting a chain: move the clock of the one at --port forward by N seconds, for instance past
                 the unbonding time. A phase of a round that this jumps over has ended, whatever was not done in it is missed
  --help         this text

Examples:
  npm run chain
  npm run chain -- --forward 2419200`

/** What development chains derive their accounts from: public, as the keys are. */
const MNEMONIC = 'test test test test test test test test test test test junk'
const MOST_FORWARD_SECONDS = 10 * 365 * 86_400

async function main(args: string[]): Promise<void> {
  const values = optionsIn(args)
  if (values.help) {
    console.log(USAGE)
    return
  }
  const port = wholeNumber('--port', values.port, 1, 65_535)
  if (values.forward !== undefined) {
    await forward(port, wholeNumber('--forward', values.forward, 1, MOST_FORWARD_SECONDS))
    return
  }
  const seconds = wholeNumber('--seconds', values.seconds, 1, 60)
  const accounts = wholeNumber('--accounts', values.accounts, 1, 100)
  await requireFree(port)
  await start({ port, seconds, accounts })
}

function optionsIn(args: string[]) {
  const text = { type: 'string' } as const
  return readArguments({
    args,
    options: {
      port: { ...text, default: '8545' },
      seconds: { ...text, default: '1' },
      accounts: { ...text, default: '12' },
      forward: text,
      help: { type: 'boolean', default: false, short: 'h' },
    },
  }).values
}

type ChainOptions = Record<'port' | 'seconds' | 'accounts', number>

/** @throws Error when something listens on the port already */
async function requireFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening').catch((error) => {
    throw new Error(`Port ${port} can't be listened on (${messageOf(error)}): choose another with --port.`)
  })
  await new Promise((closed) => server.close(closed))
}

/** Runs anvil without its log of a line a block, which would push the keys off the screen. */
async function start({ port, seconds, accounts }: ChainOptions): Promise<void> {
  const place = ['--host', '127.0.0.1', '--port', String(port)]
  const blocks = ['--block-time', String(seconds), '--order', 'fifo']
  const people = ['--mnemonic', MNEMONIC, '--accounts', String(accounts)]
  const child = spawn(anvilBinary(), ['--quiet', ...place, ...blocks, ...people], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  child.once('error', (error) => {
    console.error(
      `anvil does not start: ${error.message}. npm brings it for Linux on x86-64; elsewhere put it on PATH.`,
    )
    process.exitCode = 1
  })
  child.once('exit', (code) => (process.exitCode ??= code ?? 0))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  for (let answers = false; !answers && child.exitCode === null && process.exitCode === undefined; ) {
    await sleep(50)
    answers = await ask(port, 'eth_chainId', []).then(
      () => true,
      () => false,
    )
    if (answers) console.log(welcome({ port, seconds, accounts }))
  }
}

function welcome({ port, seconds, accounts }: ChainOptions): string {
  const lines = Array.from({ length: accounts }, (_, addressIndex) => {
    const account = mnemonicToAccount(MNEMONIC, { addressIndex })
    const key = account.getHdKey().privateKey
    return `${String(addressIndex).padStart(3)}  ${account.address}  ${key === null ? '' : bytesToHex(key)}`
  })
  return [
    `Chain 31337 at http://127.0.0.1:${port}, a block every ${seconds} s (stop with Ctrl-C; then it forgets everything)`,
    '',
    '     address                                     private key, known to everybody: for play only',
    ...lines,
    '',
    'Each has 10,000 ETH. Next, in another terminal: npm run deploy -- --network localhost',
  ].join('\n')
}

async function forward(port: number, seconds: number): Promise<void> {
  await ask(port, 'evm_increaseTime', [seconds])
  await ask(port, 'evm_mine', [])
  const { timestamp } = (await ask(port, 'eth_getBlockByNumber', ['latest', false])) as { timestamp: string }
  console.log(
    `The chain's clock went forward by ${seconds} s; it is ${timeText(BigInt(timestamp))} there now.`,
  )
}

async function ask(port: number, method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  }).catch((error) => {
    throw new Error(`No chain answers on port ${port} (${messageOf(error)}): start one with npm run chain.`)
  })
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } }
  if (error === undefined) return result
  throw new Error(
    `The chain on port ${port} refused ${method}: ${error.message}. Only local chains can do it.`,
  )
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}, not "${text}"`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  reportFailure(error, 'npm run chain')
}
