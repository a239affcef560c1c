import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { ScoreEntry } from '@assay/sdk/protocol/score-words.ts'
import type { CheckedWord } from './court/words-to-check.ts'

/**
 * How a simulated validator deviates. The oracle itself never sets any of it. Nothing here goes beyond what a dishonest
 * validator could do by changing its own copy of the program.
 */
export type OracleBehaviour = {
  /** Does nothing after joining. */
  silent?: boolean
  /** Replaces a cohort's entries; `honest` computes the honest ones. */
  fillSheet?: (cohort: {
    round: number
    cohort: number
    size: number
    honest: () => Promise<ScoreEntry[]>
  }) => Promise<ScoreEntry[]>
  /**
   * Replaces a vote for a cohort's aggregate or the next model. `visible` are the votes on chain so far; `forge` publishes what is
   * made of the honest one's blob, and gives its hash. It returns undefined to vote later.
   */
  chooseVote?: (vote: {
    subject: number | 'model'
    visible: readonly Hash[]
    honest: () => Promise<Hash | undefined>
    forge: (change: (blob: Uint8Array, spec: TaskSpec) => Uint8Array) => Promise<Hash | undefined>
  }) => Promise<Hash | undefined>
  /** Replaces the judgement whether a colleague said something false: who calls it that is accused. */
  callsFalse?: (word: CheckedWord) => boolean
}
