import type { OracleBehaviour } from '@assay/oracle/behaviour.ts'
import type { ScoreEntry } from '@assay/sdk/protocol/score-words.ts'

/** What a validator posts that hasn't looked: everybody is average, nothing was replayed. */
const INVENTED: ScoreEntry = { quality: 5_000, rarity: 10_000, windows: 0 }

/** Does no work: posts constants for every entry and repeats the first vote that it sees. */
export function lazy(): OracleBehaviour {
  return {
    fillSheet: async ({ size }) => Array.from({ length: size }, () => INVENTED),
    chooseVote: async ({ visible }) => visible[0],
  }
}
