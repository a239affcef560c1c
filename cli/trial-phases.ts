/** How long a trial's phases must be on a machine that runs everybody, from what was measured on it. */
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { contributorShares, USABLE_SHARE, validatorShares } from '@assay/engine/run/time-shares.ts'
import type { Trial } from '@assay/engine/run/trial.ts'
import { replayWindowsOf } from './task-shares.ts'
import type { Terms } from './task-terms.ts'

/** The phases that trial terms set, in the round's order. */
export const PHASES = ['submit', 'open', 'commit', 'reveal', 'aggregate'] as const
type PhaseName = (typeof PHASES)[number]
/** Seconds of each phase. */
export type Phases = Record<`${PhaseName}Seconds`, number>

/** Validators that a trial starts on one machine: 2k + 1. */
export const TRIAL_ORACLES = 7

/** For a few people on a local network. */
export const TRIAL_TERMS: Omit<Terms, keyof Phases> = {
  rewardToken: 'ASSAY',
  priceCompute: '0.000001',
  priceData: '0.01',
  priceValidation: '0.05',
  dataUnitsLimit: 5000,
  slots: 4,
  committeeSize: 3,
  minContributors: 1,
  maxRounds: 4,
  challengeSeconds: 60,
  earlyBonusBps: 15_000,
  earlyBonusRounds: 4,
  enrolmentFee: '1',
  contributorStake: '100',
  minValidatorStake: '1000',
}

/** What was measured on this machine, in processor time: as if it had nothing else to do. */
export type Measured = Trial & {
  /** From nothing to the task's first results, in milliseconds: a new worker, the engine, cold code. */
  startMs: number
  /** Processors that this process may use. */
  cores: number
  /** Programs that want a processor besides the trial's own: the load average's share of these processors. */
  load: number
}

/** What the phases follow from. */
export type PhasePlan = {
  phases: Phases
  /** How much longer everything takes while all oracles compute, beside what else the machine does. */
  slowdown: number
  /** Seconds of computing in each phase of somebody who has the machine to itself. */
  aloneSeconds: Phases
}

/** Enough on a machine that keeps up; with shorter ones a round would hang on the chain's blocks. */
export const LEAST_PHASES: Phases = {
  submitSeconds: 20,
  openSeconds: 15,
  commitSeconds: 40,
  revealSeconds: 15,
  aggregateSeconds: 15,
}
/** Kept free for what the machine starts doing after it was measured. */
const LOAD_MARGIN = 2

/**
 * Phases in which all oracles finish on one machine, although they compute at the same moment.
 *
 * Oracles and other programs share the processors: of `c` of them, each of `n` oracles beside a load of `l` gets
 * `c / (n + l)`, so all takes `(n + l) / c` times as long as alone. In each phase a daemon may first have to start its
 * engine. Opening and revealing compute nothing else, but a machine that starts an engine slowly is as slow in sending.
 *
 * @param oracles that run on this machine
 */
export function phasesFor(
  spec: TaskSpec,
  terms: { slots: number; committeeSize: number },
  measured: Measured,
  oracles: number,
): PhasePlan {
  const { cores, load, startMs, real, slowest } = measured
  const slowdown = Math.max(1, (oracles + load) / cores)
  const full = { ...terms, ...LEAST_PHASES, replayWindows: replayWindowsOf(spec) }
  const shares = [...contributorShares(spec, full, real), ...validatorShares(spec, full, slowest, oracles)]
  const plan: PhasePlan = { slowdown, aloneSeconds: { ...LEAST_PHASES }, phases: { ...LEAST_PHASES } }
  for (const name of PHASES) {
    const phase = `${name}Seconds` as const
    const needed = shares.find((share) => share.phase === phase)?.neededSeconds ?? 0
    plan.aloneSeconds[phase] = startMs / 1000 + needed
    const seconds = (LOAD_MARGIN * slowdown * plan.aloneSeconds[phase]) / USABLE_SHARE
    plan.phases[phase] = Math.max(LEAST_PHASES[phase], rounded(seconds))
  }
  return plan
}

/** Up to a multiple of 5 seconds, above a minute of 30. */
function rounded(seconds: number): number {
  const unit = seconds > 60 ? 30 : 5
  return unit * Math.ceil(seconds / unit)
}

/** Lines for people: the phases, what was measured, and how they follow from it. */
export function phasesText(
  { phases, slowdown, aloneSeconds }: PhasePlan,
  measured: Measured,
  oracles: number,
): string {
  const { startMs, slowest, cores, load } = measured
  const seconds = (of: Phases, text: (value: number) => string) =>
    PHASES.map((name) => `${name} ${text(of[`${name}Seconds`])} s`).join(', ')
  return [
    `phases: ${seconds(phases, String)}`,
    `  measured here: an engine starts in ${(startMs / 1000).toFixed(1)} s of processor time, a step takes ${slowest.stepMs.toFixed(1)} ms and an evaluation ${slowest.evaluationMs.toFixed(1)} ms at most; ${cores} processors, load ${load.toFixed(1)}`,
    `  so alone: ${seconds(aloneSeconds, (value) => value.toFixed(1))}`,
    `  with ${oracles} oracles on this machine: × ${slowdown.toFixed(1)}, × ${LOAD_MARGIN} for more load later, and a quarter of each phase free; at least ${seconds(LEAST_PHASES, String)}`,
  ].join('\n')
}
