/** What a run has to reach: docs/attacks.md and docs/verification.md say why. */
import type { RunResult } from './run-lab.ts'

export type Bar = { what: string; limit: string; value: number | null; holds: boolean }

/** Attacks that gates and scores have to find, by the name of the attack. */
const FOUND = [
  ...['sign-flip', 'gaussian', 'label-flip', 'ipm', 'zero', 'random', 'resubmit', 'copy'],
  ...['partial-work', 'malformed', 'spoof-training', 'collude'],
]
/** Attacks within what honest updates vary by: what they earn counts. */
const WITHIN = ['alie', 'alie-half', 'min-max', 'min-sum', 'fang-krum', 'fang-median', 'backdoor']
/** Who does less, or brings less, may not earn more than who is honest. */
const NO_GAIN = [
  'duplicates',
  'leaked-pool',
  'withhold',
  'grind',
  'sleeper',
  'sleeper-backdoor',
  'replay-own',
  'late',
]

const LEAST_RECALL = 0.95
const MOST_FALSE_POSITIVES = 0.01
const MOST_PAY = 0.3
const MOST_PERSON_PAY = 1.05
const MOST_POINTS_LOST = 0.02
const MOST_SLEEPER_WEIGHT = 0.1

/** The bars that a run is held to. A value that there is none of holds: nobody was audited, or nothing was paid. */
export function barsOf(result: RunResult): Bar[] {
  const { attack } = result
  const isAbout = (names: readonly string[]) => names.includes(attack)
  const bars = [
    atMost('honest updates flagged', result.falsePositiveRate, MOST_FALSE_POSITIVES),
    atMost('of holders of a rare class', result.rareFalsePositiveRate, MOST_FALSE_POSITIVES),
  ]
  if (attack === 'none') return bars
  bars.push(atMost('accuracy lost', result.cleanAccuracy - result.accuracy, MOST_POINTS_LOST))
  if (isAbout(FOUND)) bars.push(atLeast('recall', result.recall, LEAST_RECALL))
  if (isAbout(FOUND) || isAbout(WITHIN))
    bars.push(atMost("an attacker's pay", result.attackerPayRatio, MOST_PAY))
  if (isAbout(NO_GAIN)) bars.push(atMost("an attacker's pay", result.attackerPayRatio, 1))
  if (attack.startsWith('sleeper'))
    bars.push(atMost("an attacker's weight", result.attackerWeightRatio, MOST_SLEEPER_WEIGHT))
  if (attack.endsWith('backdoor'))
    bars.push(
      atMost('backdoor gained', result.backdoorSuccess - result.cleanBackdoorSuccess, MOST_POINTS_LOST),
    )
  if (result.personPayRatio !== null)
    bars.push(atMost("all identities' pay", result.personPayRatio, MOST_PERSON_PAY))
  if (result.validatorPayRatio !== null)
    bars.push(atLeast('proved false', result.falseEntryRate, LEAST_RECALL))
  return bars
}

const atMost = (what: string, value: number | null, limit: number): Bar => ({
  what,
  limit: `≤ ${limit}`,
  value,
  holds: value === null || value <= limit,
})

const atLeast = (what: string, value: number | null, limit: number): Bar => ({
  what,
  limit: `≥ ${limit}`,
  value,
  holds: value === null || value >= limit,
})
