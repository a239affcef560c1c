import { type PoolSlice, slicePool } from '@assay/engine/judge/pool-slice.ts'
import type { JudgeContext } from '../judge-context.ts'
import type { RoundFacts } from '../round-facts.ts'

/** The facts of a round that say which samples judge it. */
export type JudgedRound = Pick<RoundFacts, 'beacon' | 'taskId' | 'round' | 'params' | 'poolRoot'>

/**
 * The samples that a round is judged by: updates (S4), rarity, the step that is taken and the guard (S6). Says once a
 * round how many they are.
 *
 * @throws PoolMissingError while this validator doesn't have the pool
 */
export async function samplesOfRound(
  context: Pick<JudgeContext, 'bench' | 'pools' | 'told' | 'log'>,
  facts: JudgedRound,
): Promise<PoolSlice> {
  const { pools, bench, told, log } = context
  const { beacon, taskId, round, params, poolRoot } = facts
  const { specHash } = params
  const pool = await pools.samples({ specHash, poolRoot })
  const { spec } = await bench.package(specHash)
  const slice = slicePool(pool, spec, { beacon, taskId, round })
  if (told.isNews('slice', `${round}`))
    log.info({ round, samples: slice.samples.n, of: pool.n }, sentenceOf(slice))
  return slice
}

function sentenceOf({ samples, pool }: PoolSlice): string {
  return samples.n === pool.n
    ? 'the round is judged by the whole held-out pool'
    : 'the round is judged by a slice of the held-out pool'
}
