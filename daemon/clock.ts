import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { BaseError, type PublicClient } from 'viem'
import { FatalDaemonError, messageOf } from './errors.ts'
import type { Logger } from './logging.ts'

/** A block as daemons see it. `reorganised`: the one looked at before is not its ancestor. */
export type Block = {
  number: bigint
  /** Unix seconds. */
  timestamp: bigint
  hash: Hash
  parentHash: Hash
  baseFeePerGas: bigint
  reorganised: boolean
}

export type ClockOptions = {
  chain: PublicClient
  pollMs: number
  signal: AbortSignal
  log: Logger
  /** Does everything due at a block. A throw is retried with the same block. */
  onBlock: (block: Block) => Promise<void>
  /** Resolves early when somebody knows that there is a new block. */
  untilPoked: (ms: number) => Promise<void>
}

const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 5_000

/**
 * Follows the head of the chain until `signal` aborts. Blocks that came in a burst are skipped: only the newest one is
 * looked at. What fails is tried again, after 100 ms at first and 5 s at most.
 *
 * @throws FatalDaemonError as thrown by `onBlock`
 */
export async function runClock(options: ClockOptions): Promise<void> {
  const { signal, log } = options
  let done: Block | undefined
  let failures = 0
  while (!signal.aborted) {
    try {
      const block = await newBlock(options.chain, done)
      if (block !== undefined) {
        await options.onBlock(block)
        done = block
      }
      if (failures > 0) log.info({ afterFailures: failures }, 'back on duty')
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof FatalDaemonError) throw error
      failures += 1
      const level = failures < 5 ? 'warn' : 'error'
      log[level]({ failures, reason: reasonOf(error) }, 'could not finish a block, trying again')
    }
    await options.untilPoked(failures === 0 ? options.pollMs : backoffMs(failures))
  }
}

/** Why, in words; what the chain says with its values. */
function reasonOf(error: unknown): string {
  return error instanceof BaseError ? decodeFailure(error).message : messageOf(error)
}

function backoffMs(failures: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS)
}

/** The newest block, unless it is the one seen last. */
async function newBlock(chain: PublicClient, last: Block | undefined): Promise<Block | undefined> {
  const head = BigInt(await chain.request({ method: 'eth_blockNumber' }))
  if (last !== undefined && head === last.number) return undefined

  const block = await chain.getBlock({ blockNumber: head })
  return {
    number: block.number,
    timestamp: block.timestamp,
    hash: block.hash,
    parentHash: block.parentHash,
    baseFeePerGas: block.baseFeePerGas ?? 0n,
    reorganised: last !== undefined && !(await descendsFrom(chain, block, last)),
  }
}

async function descendsFrom(
  chain: PublicClient,
  block: { number: bigint; parentHash: Hash },
  last: Block,
): Promise<boolean> {
  if (block.number <= last.number) return false
  if (block.number === last.number + 1n) return block.parentHash === last.hash
  return (await chain.getBlock({ blockNumber: last.number })).hash === last.hash
}
