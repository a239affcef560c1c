/** What a contributor is paid by the contracts' own rules for updates that a committee has looked at. */
import { areCopies, likenessOf, type Ranked } from '@assay/engine/judge/pool-copies.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { isAudited } from '@assay/sdk/protocol/sampling.ts'
import { GATE_FAILED, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import {
  judgeMember,
  NEWCOMER,
  type Standing,
  settleMember,
  type Verdict,
} from '@assay/sdk/protocol/settlement.ts'
import { type Address, parseEther } from 'viem'
import { UNAUDITED } from '../held-pay.ts'

/** What a committee finds of an update: each seat's scores, and what each drawn window shows. */
export type Looked = {
  qualitiesBps: readonly number[]
  raritiesBps: readonly number[]
  /** By drawn window, in the order in which seats get them. */
  windows: readonly ShownWindow[]
}

/** The different samples of a window, by their place in the contributor's data. */
export type ShownWindow = ReadonlyMap<number, Ranked>

/** The demo's prices: reward wei for a round's compute, and for a sample. */
const PRICES = { priceCompute: parseEther('60'), computeUnits: 1, priceData: parseEther('0.05') }
/** What each seat sees: window i goes to seat i mod k. A sample that stands in several windows counts once. */
export function seatsShown(windows: readonly ShownWindow[], committeeSize: number): Ranked[] {
  return Array.from({ length: committeeSize }, (_, seat) => {
    const own = new Map(windows.filter((_, i) => i % committeeSize === seat).flatMap((shown) => [...shown]))
    const samples = [...own.values()]
    return {
      shown: samples.length,
      exact: samples.reduce((sum, { exact }) => sum + exact, 0),
      views: (samples[0]?.views ?? []).map(({ name, measured }, view) => ({
        name,
        ranks: samples.flatMap(({ views }) => views[view]!.ranks),
        measured,
      })),
    }
  })
}

/** For each seat, whether it notices the pool's samples in its windows. */
export function noticedBy({ windows, qualitiesBps }: Looked): boolean[] {
  return seatsShown(windows, qualitiesBps.length).map((seen) => seen.shown > 0 && areCopies(likenessOf(seen)))
}

/**
 * Reward wei of all rounds: audits as the beacons draw them, held pay and all. The last round audits everybody.
 *
 * @param options.isBlind set to see what is earned if no seat notices anything
 */
export function paidFor(
  rounds: readonly Looked[],
  options: { contributor: Address; dataUnits: number; seed: Hash; isBlind: boolean },
): bigint {
  const { contributor, dataUnits, seed, isBlind } = options
  let [standing, paid] = [NEWCOMER, 0n]
  for (const [round, looked] of rounds.entries()) {
    const beacon = deriveSeed(seed, 'beacon', BigInt(round))
    const { reputationBps, seen, flagged } = standing
    const isLast = round === rounds.length - 1
    const named = isLast || isAudited({ beacon, contributor, reputationBps, seen, flagged })
    const verdict = named ? verdictOn(looked, isBlind, standing) : UNAUDITED
    const settled = settleMember(verdict, standing, {
      ...PRICES,
      dataUnits,
      earlyBonusBps: 10_000,
      windows: looked.windows.length,
      isLastRound: isLast,
    })
    standing = settled.standing
    paid += settled.credited
  }
  return paid
}

function verdictOn(looked: Looked, isBlind: boolean, before: Standing): Verdict {
  const { qualitiesBps, raritiesBps, windows } = looked
  const committeeSize = qualitiesBps.length
  const noticed = noticedBy(looked)
  const findings = qualitiesBps.map((quality, seat) => {
    const own = windows.filter((_, i) => i % committeeSize === seat).length
    const fails = noticed[seat] && !isBlind
    const entry = fails
      ? scoreEntry({ quality: GATE_FAILED })
      : scoreEntry({ quality, rarity: quality === 0 ? 0 : raritiesBps[seat]!, windows: own })
    return { seat, entry }
  })
  return judgeMember(findings, { committeeSize, windows: windows.length, named: true }, before)
}
