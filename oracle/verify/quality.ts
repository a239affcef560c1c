import {
  measureQuality,
  type QualityCandidate,
  type QualityScore,
  qualityBps,
  type ReferenceUpdate,
  referenceUpdate,
} from '@assay/engine/judge/quality.ts'
import { rarityBps } from '@assay/engine/judge/rarity.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import { isDeterministic } from '@assay/engine/refusal.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'

/** What S4 says of an update; undecided where `qualityBps` is undefined: see engine/judge/quality.ts. */
export type Scores = { qualityBps: number | undefined; rarityBps: number }

type Ground = { engine: Engine; base: State; holdout: Dataset }

/** A reference update follows from the round, too: it takes a learning rate of it. */
type RoundGround = Ground & { round: number }

/** What S4 measured of an update, or whose fault it is that nobody can: the task's, or that of who sent the update. */
export type Measured =
  | { kind: 'scored'; score: Pick<QualityScore, 'qualityBps' | 'strataGains'> }
  | { kind: 'task fails' | 'update fails'; reason: string }

/**
 * The reference update that a seat compares with; if the task's own graphs can't train it on the task's own samples,
 * the reason. It shows whose fault it is when they fail on somebody's samples.
 *
 * @throws EngineRefusal `limit`; a later try may succeed
 */
export async function referenceOrFault(
  ground: RoundGround,
  seed: Hash,
): Promise<ReferenceUpdate | { fault: string }> {
  try {
    return await referenceUpdate({ ...ground, seed })
  } catch (error) {
    if (isDeterministic(error)) return { fault: error.message }
    throw error
  }
}

/**
 * Stage S4 of one update: its quality, on samples drawn for this validator alone. If a graph fails on them, the base
 * model and the reference update are tried on the same samples: if it fails on these too, it is the task's fault.
 *
 * @throws EngineRefusal `limit`; a later try may succeed
 */
export async function measureUpdate(
  ground: Ground & { reference: ReferenceUpdate },
  candidate: QualityCandidate,
): Promise<Measured> {
  const measured = await measureOrReason(ground, candidate)
  if (typeof measured !== 'string') return { kind: 'scored', score: measured }
  const unchanged = await measureOrReason(ground, { ...candidate, final: ground.base })
  return { kind: typeof unchanged === 'string' ? 'task fails' : 'update fails', reason: measured }
}

async function measureOrReason(
  ground: Ground & { reference: ReferenceUpdate },
  candidate: QualityCandidate,
): Promise<Pick<QualityScore, 'qualityBps' | 'strataGains'> | string> {
  try {
    const measure = await measureQuality({ ...ground, candidate })
    return { qualityBps: qualityBps(measure), strataGains: measure.strataGains }
  } catch (error) {
    if (isDeterministic(error)) return error.message
    throw error
  }
}

/** The scores of a cohort's measured updates: rarity is shared among those that could be measured. */
export function scoresOf(measured: readonly (Measured | undefined)[]): (Scores | undefined)[] {
  const scored = measured.flatMap((one) => (one?.kind === 'scored' ? [one.score] : []))
  const rarities = rarityBps(scored)
  return measured.map((one) => {
    if (one?.kind !== 'scored') return undefined
    return { qualityBps: one.score.qualityBps, rarityBps: rarities[scored.indexOf(one.score)]! }
  })
}
