import type { Trace, TrainingWork } from '@assay/contributor/behaviour.ts'
import { windowCount } from '@assay/engine/package/task-spec.ts'
import { windowBatches } from '@assay/engine/run/train.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { seededRng } from '../rng.ts'
import type { SimulatedContributor } from './behaviour.ts'

const SKIPPED_SHARE = 0.3

/** Skips windows, in which the state stays as it is, and shows only those that it trained. Every replay of these passes. */
export const withhold: SimulatedContributor = {
  role: 'contributor',
  name: 'withhold',
  description: 'contributors that skip a share of the windows, and show only those that they trained',
  defaultCount: 0,
  parameter: {
    meaning: 'share of the windows that are skipped',
    default: SKIPPED_SHARE,
    least: 0.1,
    most: 0.6,
  },
  // It loses more than 1.1 times what it saves by default.
  expected: { mostPayBps: 10_000, mostComputePayBps: 10_000 - 11_000 * SKIPPED_SHARE },
  deviate: ({ seed, parameter: share }) => ({
    train: (work) => trainAround(work, skippedWindows(work, share, seed)),
    shouldShow: (window, stateHashes) => stateHashes[window] !== stateHashes[window + 1],
  }),
}

function skippedWindows(
  { contents, round, contributor }: TrainingWork,
  share: number,
  seed: Hash,
): Set<number> {
  const windows = windowCount(contents.spec)
  const order = seededRng(seed, `windows that ${contributor} skips in round ${round}`).shuffled(
    Array.from({ length: windows }, (_, i) => i),
  )
  return new Set(order.slice(0, Math.max(1, Math.round(share * windows))))
}

async function trainAround(work: TrainingWork, skipped: ReadonlySet<number>): Promise<Trace> {
  const { contents, base } = work
  const { spec } = contents
  const engine = await work.engine()
  const trace = [base]
  for (let window = 0; window < windowCount(spec); window++) {
    const before = trace.at(-1)!
    const batches = windowBatches(spec, work, window)
    trace.push(skipped.has(window) ? before : (await engine.steps(before, batches)).state)
  }
  return trace
}
