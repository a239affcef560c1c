/** How much of a task's phases a contributor's or validator's share takes, from what one run takes on a machine. */
import { COHORT_SIZE } from '@assay/sdk/protocol/sampling.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { toleranceOf } from '../package/mode.ts'
import { mostSliceSamples } from '../package/pool-slice-size.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { NUDGES } from './nudged-replays.ts'
import type { RunTimes } from './trial.ts'

/** What somebody has to do in a phase, in seconds of computing; transfers come on top. */
export type TimeShare = { what: string; phase: TimedPhase; neededSeconds: number; phaseSeconds: number }

type TimedPhase = 'submitSeconds' | 'commitSeconds' | 'aggregateSeconds'
type Terms = Pick<TaskParams, TimedPhase | 'slots' | 'committeeSize' | 'replayWindows'>

/** Part of a phase that computing may take. An oracle's last quarter is its last call, and uploads need time, too. */
export const USABLE_SHARE = 0.75
/** Models that a root seat evaluates on the round's samples: the base and three shares of the step. */
const MODELS_PER_VOTE = 4

/** Whether a share leaves the time that transfers need. */
export function fitsPhase({ neededSeconds, phaseSeconds }: TimeShare): boolean {
  return neededSeconds <= USABLE_SHARE * phaseSeconds
}

/** A contributor's: training the round's steps. What counts is the time on its own samples. */
export function contributorShares(spec: TaskSpec, terms: Terms, { stepMs }: RunTimes): TimeShare[] {
  return [share('training', 'submitSeconds', terms, spec.steps * stepMs)]
}

/**
 * A validator's: judging its cohorts with everybody audited, as newcomers are, and the vote for the next model.
 *
 * @param validators that the draw is among; 2k + 1 at least
 */
export function validatorShares(
  spec: TaskSpec,
  terms: Terms,
  times: RunTimes,
  validators = 2 * terms.committeeSize + 1,
): TimeShare[] {
  const { stepMs, evaluationMs } = times
  const { slots, committeeSize, replayWindows } = terms
  const cohorts = Math.ceil(slots / COHORT_SIZE)
  const members = Math.ceil(slots / cohorts)
  // A window that ends far from its replay is trained some times more.
  const nudges = toleranceOf(spec) === undefined ? 0 : NUDGES
  const windows = Math.ceil(replayWindows / committeeSize) + nudges
  const evaluationOf = (samples: number) => Math.ceil(samples / spec.evalBatchSize) * evaluationMs
  const model = evaluationOf(mostSliceSamples(spec))
  // The base model is evaluated on the round's samples, and on those that windows show.
  const once = spec.rootSteps * stepMs + model
  const steps = windows * spec.commitEvery
  const perMember = steps * stepMs + evaluationOf(steps * spec.batchSize) + evaluationOf(spec.personalSamples)
  const drawn = cohortsDrawn(cohorts, committeeSize / validators)
  return [
    share(
      `judging ${drawn} of ${cohorts} cohorts`,
      'commitSeconds',
      terms,
      once + drawn * members * perMember,
    ),
    share('the vote for the next model', 'aggregateSeconds', terms, MODELS_PER_VOTE * model),
  ]
}

/** The mean and two standard deviations of the cohorts that one validator is drawn for. */
function cohortsDrawn(cohorts: number, chance: number): number {
  const spread = 2 * Math.sqrt(cohorts * chance * (1 - chance))
  return Math.max(1, Math.min(cohorts, Math.ceil(cohorts * chance + spread)))
}

function share(what: string, phase: TimedPhase, terms: Terms, neededMs: number): TimeShare {
  return { what, phase, neededSeconds: neededMs / 1000, phaseSeconds: terms[phase] }
}

/** A share for people: "judging 1 of 1 cohorts: this machine needs 41 s of the 60 s of commitSeconds for your share". */
export function shareText({ what, phase, neededSeconds, phaseSeconds }: TimeShare): string {
  const seconds = neededSeconds < 10 ? neededSeconds.toFixed(1) : neededSeconds.toFixed(0)
  return `${what}: this machine needs ${seconds} s of the ${phaseSeconds} s of ${phase} for your share`
}
