import { entryReason } from '@assay/sdk/protocol/entry-reasons.ts'
import { MAX_QUALITY, type ScoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { type Rng, seededRng } from '../rng.ts'
import type { SimulatedValidator } from './behaviour.ts'

/** Share of its scores that it invents. */
const INVENTED = 0.6

/** Looks at all updates, then invents the quality of some: it favours whom it likes. */
export const lying: SimulatedValidator = {
  role: 'validator',
  name: 'lying',
  description: 'validators that invent some of their scores',
  defaultCount: 0,
  leavesDrawAfter: 1,
  expected: { mostPayBps: 10_000, isSlashed: true },
  deviate: ({ seed }) => ({
    fillSheet: async ({ round, cohort, honest }) => {
      const rng = seededRng(seed, `lies about cohort ${cohort} of round ${round}`)
      return (await honest()).map((entry) => told(entry, rng))
    },
  }),
}

/** An entry as it is told. The rest of the sheet stays true: it is the harder to tell. */
function told(entry: ScoreEntry, rng: Rng): ScoreEntry {
  const isInvented = rng.uniform() < INVENTED
  if (!isInvented || entryReason(entry) !== 'scored' || entry.quality === 0) return entry
  // At least a tenth of the scale off, and never 0.
  const moved = entry.quality + MAX_QUALITY / 10 + rng.below((8 * MAX_QUALITY) / 10)
  return { ...entry, quality: 1 + (moved % MAX_QUALITY) }
}
