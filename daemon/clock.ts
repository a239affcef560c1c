import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { BaseError, type PublicClient } from 'viem'
import { fatalOf, messageOf } from './errors.ts'
import type { Logger } from './logging.ts'
import type { Pace } from './pace.ts'

/** A block as daemons see it. */
export type Block = {
  number: bigint
  /** Unix seconds. */
  timestamp: bigint
  hash: Hash
  parentHash: Hash
  baseFeePerGas: bigint
  /** Whether the block that the clock saw before is no ancestor of this one. */
  reorganised: boolean
}

export type ClockOptions = {
  chain: PublicClient
  pace: Pace
  signal: AbortSignal
  log: Logger
  /** Does everything that is due at a block. If it throws, it is called again, with this block or a newer one. */
  onBlock: (block: Block) => Promise<void>
  /** Waits `ms` milliseconds, or less if somebody reports a new block. @returns whether somebody did */
  untilPoked: (ms: number) => Promise<boolean>
  /** Is told after each attempt how many in a row have failed. */
  onAttempt?: ((failures: number) => void) | undefined
}

const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 5_000

/**
 * Follows the head of the chain until `signal` aborts. If several blocks arrived since the last look, it handles only
 * the newest one. After a failure it tries again, after 100 ms at first and 5 s at most.
 *
 * @throws FatalDaemonError as thrown by `onBlock`, or when the chain says what no retry changes, see {@link fatalOf}
 */
export async function runClock(options: ClockOptions): Promise<void> {
  const { signal, log } = options
  let done: Block | undefined
  let failures = 0
  let isTold = false
  while (!signal.aborted) {
    try {
      const block = await newBlock(options.chain, done, isTold)
      if (block !== undefined) {
        await options.pace.measure(options.chain, block)
        await options.onBlock(block)
        done = block
      }
      if (failures > 0) log.info({ afterFailures: failures }, 'back on duty')
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      const fatal = fatalOf(error)
      if (fatal !== undefined) throw fatal
      failures += 1
      const level = failures < 5 ? 'warn' : 'error'
      log[level]({ failures, reason: reasonOf(error) }, 'could not finish a block, trying again')
    }
    options.onAttempt?.(failures)
    isTold = await options.untilPoked(failures === 0 ? options.pace.pollMs() : backoffMs(failures))
  }
}

/** The reason in words. A refusal by the chain is decoded, with its values. */
function reasonOf(error: unknown): string {
  return error instanceof BaseError ? decodeFailure(error).message : messageOf(error)
}

function backoffMs(failures: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS)
}

/**
 * The newest block, or undefined if it is the one seen last.
 *
 * @param isTold somebody reported a block: then it is likely there, and isn't asked for by its number first
 */
async function newBlock(
  chain: PublicClient,
  last: Block | undefined,
  isTold: boolean,
): Promise<Block | undefined> {
  const head = isTold ? undefined : BigInt(await chain.request({ method: 'eth_blockNumber' }))
  if (last !== undefined && head === last.number) return undefined

  const block = await chain.getBlock(head === undefined ? { blockTag: 'latest' } : { blockNumber: head })
  if (last !== undefined && block.number === last.number) return undefined
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
