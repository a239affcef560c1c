/**
 * How scarce the knowledge is that an update brings. Every stratum of the held-out pool has a pie of the same size, which the
 * updates that measurably improve the stratum share in proportion to their gains. A stratum that few improve pays them more;
 * noise improves nothing.
 *
 *     pie = n / strata   for n updates of positive quality: on average R = 1, and updates worth nothing add nothing
 *     Rᵢ = min(2, Σ over strata of pie · (gainᵢ / Σⱼ gainⱼ)),   0 where quality is 0 or undecided
 */
import type { QualityScore } from './quality.ts'

const BPS = 10_000
const MAX_RARITY = 2

/**
 * Rarity of each update, 0 … 20,000, rounded down.
 *
 * @param scores all audited updates of one cohort, as one seat scored them; all with the same number of strata.
 */
export function rarityBps(scores: readonly Pick<QualityScore, 'qualityBps' | 'strataGains'>[]): number[] {
  const competing = scores.filter(({ qualityBps = 0 }) => qualityBps > 0)
  const strata = competing[0]?.strataGains.length ?? 0
  const sums = Array.from({ length: strata }, (_, stratum) =>
    competing.reduce((sum, { strataGains }) => sum + strataGains[stratum]!, 0),
  )
  const pie = competing.length / strata
  return scores.map(({ qualityBps = 0, strataGains }) => {
    if (qualityBps === 0) return 0
    let rarity = 0
    strataGains.forEach((gain, stratum) => {
      if (gain > 0) rarity += pie * (gain / sums[stratum]!)
    })
    return Math.floor(BPS * Math.min(MAX_RARITY, rarity))
  })
}
