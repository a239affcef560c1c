import type { ReferenceUpdate } from '@assay/engine/judge/quality.ts'
import { strangeTargets } from '@assay/engine/judge/strange-targets.ts'
import { type Dataset, joinSamples } from '@assay/engine/package/data.ts'
import { isDeterministic } from '@assay/engine/refusal.ts'
import { sampleLosses } from '@assay/engine/run/evaluate.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { CohortInput } from './case.ts'

/**
 * Why the targets of an update's samples, as the windows show them that this seat reads, can't be true; undefined if they may be.
 *
 * @param reference what the base model makes of the round's own samples; nothing is said without it
 * @throws EngineRefusal `limit` when the engine ran out of time or memory
 */
export async function reasonOfTargets(
  { base, spec, holdout, engine }: Pick<CohortInput, 'base' | 'spec' | 'holdout'> & { engine: Engine },
  reference: ReferenceUpdate | { fault: string },
  shown: readonly Dataset[],
): Promise<string | undefined> {
  if (shown.length === 0 || 'fault' in reference) return undefined
  const samples = joinSamples(shown)
  const losses = await lossesOrReason(engine, base, samples)
  if (typeof losses === 'string')
    return `the task's evaluation graph fails on the ${samples.n} samples that it shows, and not on the pool's: ${losses}`
  const pool = { samples: holdout, losses: reference.baseLosses }
  const { above, most, isStrange } = strangeTargets(spec, pool, { samples, losses })
  if (!isStrange) return undefined
  return (
    `the targets of ${percent(above)} of the ${samples.n} samples that it shows surprise the base model more than 99 in ` +
    `100 of the pool's do, of true ones at most ${percent(most)}`
  )
}

async function lossesOrReason(
  engine: Engine,
  base: CohortInput['base'],
  data: Dataset,
): Promise<Float32Array | string> {
  try {
    const indices = Array.from({ length: data.n }, (_, i) => i)
    return await sampleLosses({ engine, state: base, data, indices })
  } catch (error) {
    if (isDeterministic(error)) return error.message
    throw error
  }
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
