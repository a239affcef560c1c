import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { UsageError } from '../command/usage-error.ts'

/** A phase has room for this many blocks: one that is skipped, or full, then costs nobody a duty. */
const BLOCKS_IN_A_PHASE = 4
/** Blocks over which the chain's pace is measured. */
const MEASURED_BLOCKS = 64

/**
 * Requires that the shortest phase of any task spans several blocks, at the pace of the chain's last 64. A chain with one block has no
 * pace, and nothing is refused.
 *
 * @throws UsageError when it is too short
 */
export async function requireWholeBlocks(provider: EIP1193Provider, minPhaseSeconds: number): Promise<void> {
  const secondsPerBlock = await blockSecondsOf(provider)
  const least = Math.ceil(BLOCKS_IN_A_PHASE * secondsPerBlock)
  if (minPhaseSeconds >= least) return
  throw new UsageError(
    `minPhaseSeconds is ${minPhaseSeconds}, but this chain makes a block every ${secondsPerBlock.toFixed(1)} s, and a phase needs ` +
      `${BLOCKS_IN_A_PHASE} of them: give --min-phase-seconds ${least} or more.`,
  )
}

async function blockSecondsOf(provider: EIP1193Provider): Promise<number> {
  const latest = Number(await provider.request({ method: 'eth_blockNumber' }))
  // The genesis block's time can be any.
  const first = Math.max(1, latest - MEASURED_BLOCKS)
  if (latest <= first) return 0
  const [start, end] = await Promise.all([timeOf(provider, first), timeOf(provider, latest)])
  return (end - start) / (latest - first)
}

async function timeOf(provider: EIP1193Provider, block: number): Promise<number> {
  const answer = await provider.request({
    method: 'eth_getBlockByNumber',
    params: [`0x${block.toString(16)}`, false],
  })
  return Number((answer as { timestamp: string } | null)?.timestamp ?? 0)
}
