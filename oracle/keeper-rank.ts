import { PHASES, type Phase } from '@assay/sdk/protocol/phases.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { permute } from '@assay/sdk/protocol/sampling.ts'

/**
 * A validator's rank as keeper. Keepers' calls (open, close, seal, settle, finalize) cost gas, so validators take
 * turns: a permutation drawn for the phase gives their order.
 *
 * @param seed the round's beacon, or the previous one as long as it has none
 * @param indices roster indices of the validators that can be keepers, ascending
 * @returns undefined for a validator that isn't among `indices`
 */
export function keeperRank(options: {
  seed: Hash
  round: number
  phase: Phase
  indices: readonly number[]
  rosterIndex: number | undefined
}): number | undefined {
  const { indices } = options
  const key = deriveSeed(options.seed, 'keeper', BigInt(options.round), BigInt(PHASES.indexOf(options.phase)))
  for (let rank = 0; rank < indices.length; rank++)
    if (indices[permute(rank, indices.length, key)] === options.rosterIndex) return rank
  return undefined
}

/**
 * Whether it is a rank's turn. Rank r has the r-th span of `staggerSeconds` after the call became due. After all spans,
 * or if the due time isn't known, the turn passes on with each block. So one validator acts at a time, and a silent one
 * holds nobody up for long.
 */
export function isKeepersTurn(options: {
  rank: number
  ranks: number
  /** Unix seconds; `undefined` if the time isn't known. */
  dueAt: number | undefined
  timestamp: number
  blockNumber: bigint
  staggerSeconds: number
}): boolean {
  const { rank, ranks, dueAt, timestamp, staggerSeconds } = options
  const elapsed = dueAt === undefined ? undefined : timestamp - dueAt
  if (elapsed !== undefined && elapsed >= 0 && elapsed < ranks * staggerSeconds)
    return Math.floor(elapsed / staggerSeconds) === rank
  return Number(options.blockNumber % BigInt(ranks)) === rank
}
