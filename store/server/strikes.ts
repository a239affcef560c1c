import { StoreError } from '../blob-store.ts'
import { isThisMachine, networkOf } from './room.ts'

/** Bad tickets that an address may send in a minute: checking a signature takes a millisecond or two. */
const MOST_STRIKES = 30
const WINDOW_MS = 60_000
const MOST_KEPT = 10_000

/** Who sent bad tickets lately. */
export type Strikes = {
  /** @throws StoreError 'unavailable' for an address that sent too many */
  require(address: string): void
  note(address: string): void
}

export function openStrikes(now: () => number = Date.now): Strikes {
  const kept = new Map<string, { count: number; until: number }>()
  return {
    require: (address) => {
      const network = networkOf(address)
      const strikes = kept.get(network)
      if (strikes === undefined || strikes.count < MOST_STRIKES) return
      if (now() >= strikes.until) {
        kept.delete(network)
        return
      }
      throw new StoreError(
        'unavailable',
        `${network} sent ${strikes.count} bad tickets within a minute. Try again when it is over.`,
      )
    },
    note: (address) => {
      if (isThisMachine(address)) return
      if (kept.size >= MOST_KEPT) kept.clear()
      const network = networkOf(address)
      const last = kept.get(network)
      if (last === undefined || now() >= last.until) kept.set(network, { count: 1, until: now() + WINDOW_MS })
      else last.count += 1
    },
  }
}
