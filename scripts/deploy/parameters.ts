const DAY = 86_400

/**
 * What is fixed for good when the protocol is deployed, in seconds and blocks. Unbonding takes longer than all that a slash may wait
 * for: a whole round (7 days), the challenge window (4), the decision of a case with all its appeals (9, `verdictSeconds`), its
 * execution, which can be suspended once (4), and a margin (2): 26 days. No task may have a phase shorter than `minPhaseSeconds`:
 * five blocks of a chain with twelve seconds a block. A local chain gets {@link LOCAL_MIN_PHASE_SECONDS}.
 */
export const DEFAULT_PARAMETERS = {
  unbondingSeconds: 28 * DAY,
  beaconDelayBlocks: 2,
  maxRoundSeconds: 7 * DAY,
  maxChallengeSeconds: 4 * DAY,
  verdictSeconds: 9 * DAY,
  executionSeconds: 4 * DAY,
  marginSeconds: 2 * DAY,
  minPhaseSeconds: 60,
} as const

/** Chains on one machine make a block a second or less. */
export const LOCAL_MIN_PHASE_SECONDS = 5

export type ParameterName = keyof typeof DEFAULT_PARAMETERS
export type Parameters = Record<ParameterName, number>

export const PARAMETER_NAMES = Object.keys(DEFAULT_PARAMETERS) as ParameterName[]

/** `unbondingSeconds` as the option `unbonding-seconds`. */
export function optionOf(name: ParameterName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
