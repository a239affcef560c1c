import type { PublicClient } from 'viem'
import type { Block } from './clock.ts'

/** Number of blocks over which the time from block to block is measured, and after which it is measured again. */
const SPAN = 32n
/** Looks at the head for each block of the chain: more cost requests, fewer cost time. */
const LOOKS_A_BLOCK = 4
const SHORTEST_MS = 100
/** Even phases of a minute have room for that. */
const LONGEST_MS = 2_000
/** A chain on this machine may mine whenever it gets a transaction, however long it was quiet before. */
const LONGEST_LOCAL_MS = 200

/** How often the head is looked at. */
export type Pace = {
  /** Milliseconds until the next look. */
  pollMs(): number
  /** Measures the chain, if it is time for that. */
  measure(chain: PublicClient, head: Block): Promise<void>
}

/** Milliseconds between two looks at the head of a chain whose blocks are that far apart. */
export function pollMsFor(blockMs: number, isLocal: boolean): number {
  const longestMs = isLocal ? LONGEST_LOCAL_MS : LONGEST_MS
  return Math.round(Math.min(Math.max(blockMs / LOOKS_A_BLOCK, SHORTEST_MS), longestMs))
}

/** A pace that follows the chain's own block time, as its timestamps tell it. */
export function openPace(isLocal: boolean): Pace {
  let pollMs = LONGEST_LOCAL_MS
  let measuredAt: bigint | undefined
  return {
    pollMs: () => pollMs,
    async measure(chain, { number, timestamp }) {
      if (number === 0n || (measuredAt !== undefined && number >= measuredAt && number < measuredAt + SPAN))
        return
      const blocks = number < SPAN ? number : SPAN
      const earlier = await chain.getBlock({ blockNumber: number - blocks })
      pollMs = pollMsFor((Number(timestamp - earlier.timestamp) * 1_000) / Number(blocks), isLocal)
      measuredAt = number
    },
  }
}

/** A pace that somebody chose. */
export function fixedPace(pollMs: number): Pace {
  return { pollMs: () => pollMs, measure: async () => undefined }
}
