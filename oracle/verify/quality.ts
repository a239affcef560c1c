import { type QualityScore, scoreQuality } from '@assay/engine/judge/quality.ts'
import { rarityBps } from '@assay/engine/judge/rarity.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { personalSeed, rootSeed } from '@assay/sdk/protocol/sampling.ts'
import type { Address } from 'viem'

export type Scores = { qualityBps: number; rarityBps: number }

/**
 * Stage S4: the quality of a cohort's audited updates, on samples drawn for this validator alone, and the rarity of
 * each among them.
 */
export async function scoreAudited(options: {
  engine: Engine
  base: State
  holdout: Dataset
  draw: { beacon: Hash; taskId: bigint; round: number; validator: Address }
  audited: readonly { contributor: Address; final: State }[]
}): Promise<Map<Address, Scores>> {
  const { engine, base, holdout, draw, audited } = options
  if (audited.length === 0) return new Map()
  const scores: QualityScore[] = await scoreQuality({
    engine,
    base,
    holdout,
    rootSeed: rootSeed(draw),
    candidates: audited.map(({ contributor, final }) => ({
      id: contributor,
      final,
      personalSeed: personalSeed({ ...draw, contributor }),
    })),
  })
  const rarities = rarityBps(scores)
  return new Map(
    audited.map(({ contributor }, i) => [
      contributor,
      { qualityBps: scores[i]!.qualityBps, rarityBps: rarities[i]! },
    ]),
  )
}
