import type { Dataset } from '@assay/engine/package/data.ts'
import { toleranceOf } from '@assay/engine/package/mode.ts'
import { checkWindowEvidence, type EvidenceResult, lookAtEvidence } from '@assay/engine/run/evidence.ts'
import { WITHHELD_BY_DISTANCE } from '@assay/sdk/protocol/score-words.ts'
import { type Reading, readEvidence, type SharedWindow } from './read-evidence.ts'

/** A window that was not shown, and why it counts as that. */
export type WithheldWindow = { window: number; heldRound?: number; reason: string }

export type ReplayOutcome = {
  /** Number of windows that were trained again and ended in the committed state, or near enough for a tolerant task. */
  proven: number
  /** Those of them that are of held rounds; by default none. They say nothing of this round's training. */
  provenHeld?: number
  /** The samples of these windows. */
  shown: Dataset[]
  /** Windows without usable evidence, of this round or a held one. */
  withheld: WithheldWindow[]
  /** Why the first of the windows that could not be looked at now wasn't: an outage or a deadline. */
  waiting?: unknown
  /** The same for one of a held round: it would cost held pay, which an outage must not. */
  waitingHeld?: unknown
  /** The first window whose evidence fits the commitment, and whose training ends in another state: a miss. */
  mismatch?: string
  /** The first window on whose samples the task's graph fails, on every machine. */
  graphFails?: string
}

/** What this seat saw of windows that other seats replay. */
export type LookOutcome = {
  /** Windows without usable evidence. */
  withheld: WithheldWindow[]
  /** Which of the seats before this one they are of, as in a score entry. */
  withheldBits: number
  /** The samples of the windows that were there. */
  shown: Dataset[]
  /** Why the first of those that could not be looked at now wasn't. Nothing is said of them. */
  waiting?: unknown
}

/** What is found of a window, once it is final. */
export type WindowResult = EvidenceResult | { ok: true; samples?: undefined }

/** Told of a window that ends in another state, with the evidence that shows it: a case may need it. Not in tolerant tasks, which have no such cases. */
export type KeepMismatch = {
  keepMismatch?: (shown: { window: number; evidence: Uint8Array }) => Promise<void>
}

/** What was found of windows before, by commitment and number; new results are added. */
export type KnownWindows = { known: Map<string, WindowResult> }

/**
 * Stage S5: trains this seat's windows of one update again, from evidence encrypted to this validator.
 */
export async function replayWindows(
  options: Reading & KnownWindows & KeepMismatch & { windows: readonly SharedWindow[] },
): Promise<ReplayOutcome> {
  const { engine, claim } = options
  const outcome: ReplayOutcome = { proven: 0, shown: [], withheld: [] }
  const isExact = toleranceOf(engine.spec) === undefined
  for (const drawn of options.windows) {
    const { window } = drawn
    try {
      const result = await resultOf(options, drawn, async (evidence) => {
        const found = await checkWindowEvidence({ engine, evidence, window, ...claim })
        if (!found.ok && found.kind === 'mismatch' && isExact)
          await options.keepMismatch?.({ window, evidence })
        return found
      })
      if (result.ok) {
        outcome.proven += 1
        if (result.samples) outcome.shown.push(result.samples)
      } else if (result.kind === 'withheld') outcome.withheld.push({ window, reason: result.reason })
      else if (result.kind === 'mismatch') return { ...outcome, mismatch: result.reason }
      else return { ...outcome, graphFails: result.reason }
    } catch (error) {
      outcome.waiting ??= error
    }
  }
  return outcome
}

/**
 * Looks at windows that the two seats before this one replay: fetches, decrypts and checks their evidence, and trains
 * nothing.
 */
export async function lookAtWindows(
  options: Reading & KnownWindows & { windows: readonly (SharedWindow & { distance: 1 | 2 })[] },
): Promise<LookOutcome> {
  const { engine, claim } = options
  const outcome: LookOutcome = { withheld: [], withheldBits: 0, shown: [] }
  for (const { distance, ...drawn } of options.windows) {
    const { window } = drawn
    try {
      const result = await resultOf(options, drawn, async (evidence) =>
        lookAtEvidence({ spec: engine.spec, evidence, window, ...claim }),
      )
      if (result.ok) {
        if (result.samples) outcome.shown.push(result.samples)
        continue
      }
      outcome.withheld.push({ window, reason: result.reason })
      outcome.withheldBits |= WITHHELD_BY_DISTANCE[distance]
    } catch (error) {
      outcome.waiting ??= error
    }
  }
  return outcome
}

/** What is said of the seats that replay these windows if all of them are withheld. */
export function withheldBitsOf(windows: readonly { distance: 1 | 2 }[]): number {
  return windows.reduce((bits, { distance }) => bits | WITHHELD_BY_DISTANCE[distance], 0)
}

/** What is found of a window, from its evidence or before. A missing one isn't final: it may still be published. */
async function resultOf(
  options: Reading & KnownWindows,
  drawn: SharedWindow,
  check: (evidence: Uint8Array) => Promise<WindowResult>,
): Promise<WindowResult> {
  const name = `${options.commitment}/${drawn.window}`
  const before = options.known.get(name)
  if (before !== undefined) return before
  const evidence = await readEvidence(options, drawn)
  if ('reason' in evidence) return { ok: false, kind: 'withheld', reason: evidence.reason }
  const result = await check(evidence.bytes)
  options.known.set(name, result)
  return result
}
