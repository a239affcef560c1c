import { PHASES, type Phase } from '@assay/sdk/protocol/phases.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { permute } from '@assay/sdk/protocol/sampling.ts'

/**
 * Chores that anybody may do (open, close, seal, settle, finalize) cost gas, so validators take turns: a permutation drawn for
 * the phase says who comes first. `undefined` for who is not among `indices`.
 *
 * @param seed the round's beacon, or the one before while it has none
 * @param indices roster indices of the validators who can do chores, ascending
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
 * Whether a rank's turn has come. Rank r has the r-th span of `staggerSeconds` after the chore fell due; once all had theirs (or
 * when nobody knows since when it is due) the turn passes on with each block. One validator at a time acts, and none is waited
 * for for ever.
 */
export function isKeepersTurn(options: {
  rank: number
  ranks: number
  /** Unix seconds; `undefined` when the moment is not known. */
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
