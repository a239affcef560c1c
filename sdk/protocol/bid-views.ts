/** Bids of validators for places in the next roster, from the words of Rounds. RoundsLens says the same on chain. */
import type { Address } from 'viem'
import { addressIn, ofKeys, type SlotWords } from './rounds-slots.ts'
import { MAX_VALIDATORS } from './sampling.ts'
import { PLACE_WORD, unpackWord } from './words.ts'

/** Candidates that can wait for a place of a full roster. */
const CANDIDATES = 16
/** Places of the next roster, and those of candidates behind them. */
export const BID_PLACES = MAX_VALIDATORS + CANDIDATES

/** Where a bid stands: not ready or outbid, waiting for a place of a full roster, or with a place. */
export const STANDINGS = ['none', 'joined', 'candidate', 'placed'] as const

/** A validator's bid for a place. */
export type Bid = {
  validator: Address
  standing: Exclude<(typeof STANDINGS)[number], 'none'>
  /** In the draws once the bid counts, 0 or 204…1,024; 0 while it is only joined. */
  weight: number
  /** The first round that the bid counts for. */
  firstRound: number
  /** Unix seconds of the bid; it doesn't count for a round that opens in its block. */
  bidAt: number
  /** Whether its validator is ready for the current pool; the bid doesn't count before. */
  isReady: boolean
  /** Whether its validator is ready for the announced pool. */
  isReadyForAnnounced: boolean
}

/** The bid in a word; undefined for a free place. */
export function bidIn(word: bigint, standing: Bid['standing']): Bid | undefined {
  const fields = unpackWord(PLACE_WORD, word)
  const validator = addressIn(fields.account)
  if (validator === undefined) return undefined
  return {
    validator,
    standing,
    weight: Number(fields.weight),
    firstRound: Number(fields.firstRound),
    bidAt: Number(fields.bidAt),
    isReady: fields.ready === 1n,
    isReadyForAnnounced: fields.readyForAnnounced === 1n,
  }
}

/** The bid at a place of the next roster, 0…63, or at a candidate's, 64…79. */
export function bidAtPlace(nextRoster: readonly bigint[], place: number): Bid | undefined {
  return bidIn(nextRoster[place] ?? 0n, place < MAX_VALIDATORS ? 'placed' : 'candidate')
}

/** The slots that {@link bidsOf} decodes. */
export function bidSlots(taskId: bigint) {
  return { nextRoster: ofKeys('nextRoster', taskId, BID_PLACES) }
}

/** The bids by place: 64 of the next roster, then 16 of candidates; free places are undefined. */
export function bidsOf({ nextRoster }: SlotWords<ReturnType<typeof bidSlots>>): (Bid | undefined)[] {
  return nextRoster.map((_, place) => bidAtPlace(nextRoster, place))
}

/** Places with weight that one opening may take from their validators. */
const MOST_REPLACED = 4

/**
 * The smallest of the larger bids that would take a validator's place, as bids stand now; undefined when none would. An opening takes the
 * four smallest places at most.
 */
export function outbidBy(bids: readonly (Bid | undefined)[], validator: Address): Bid | undefined {
  const placed = bids.filter((bid) => bid?.standing === 'placed')
  const own = placed.find((bid) => bid?.validator === validator)
  if (own === undefined || placed.length < MAX_VALIDATORS) return undefined
  const weightOf = (bid: Bid | undefined) => (bid?.isReady === true ? bid.weight : 0)
  const below = placed.filter((bid) => weightOf(bid) < weightOf(own)).length
  const larger = bids
    .filter((bid) => bid?.standing === 'candidate' && weightOf(bid) > weightOf(own))
    .sort((a, b) => weightOf(a) - weightOf(b))
  return below < Math.min(MOST_REPLACED, larger.length) ? larger[0] : undefined
}
