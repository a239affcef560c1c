import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { ScoreEntry } from '@assay/sdk/protocol/score-words.ts'

/**
 * How a simulated validator deviates. The oracle itself never sets any of it. Nothing here goes beyond what a dishonest
 * validator could do by changing its own copy of the program.
 */
export type OracleBehaviour = {
  /** Does nothing after joining. */
  silent?: boolean
  /** Replaces a cohort's entries; `honest` computes the honest ones. */
  fillSheet?: (cohort: {
    cohort: number
    size: number
    honest: () => Promise<ScoreEntry[]>
  }) => Promise<ScoreEntry[]>
  /**
   * Replaces a vote for a cohort's aggregate or the next model. `visible` are the votes on chain so far. It returns
   * undefined to vote later.
   */
  chooseVote?: (vote: {
    subject: number | 'model'
    visible: readonly Hash[]
    honest: () => Promise<Hash | undefined>
  }) => Promise<Hash | undefined>
}
