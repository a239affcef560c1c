const DAY = 86_400

/**
 * What is fixed for good when the protocol is deployed, in seconds and blocks. Unbonding takes longer than all
 * that a slash may wait for: a whole round, the challenge window, the decision of a dispute (`verdictSeconds`), its execution and a
 * margin. There are no disputes yet; the time for them is fixed already. No task may have a phase shorter than `minPhaseSeconds`:
 * five blocks of a chain with twelve seconds a block. A local chain gets {@link LOCAL_MIN_PHASE_SECONDS}.
 */
export const DEFAULT_PARAMETERS = {
  unbondingSeconds: 21 * DAY,
  beaconDelayBlocks: 2,
  maxRoundSeconds: 7 * DAY,
  maxChallengeSeconds: 4 * DAY,
  verdictSeconds: 4 * DAY,
  executionSeconds: 2 * DAY,
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
