import { type Address, parseEther } from 'viem'

const HOUR = 3_600
const DAY = 24 * HOUR

/** Of the contracts below the court, in seconds and blocks. */
const STAKE_PARAMETERS = {
  unbondingSeconds: 28 * DAY,
  beaconDelayBlocks: 2,
  maxRoundSeconds: 7 * DAY,
  maxChallengeSeconds: 4 * DAY,
  verdictSeconds: 10 * DAY,
  executionSeconds: 4 * DAY,
  marginSeconds: 2 * DAY,
  minPhaseSeconds: 60,
} as const

/**
 * Of the court, in seconds, seats and whole ASSAY. A contributor that answers a case pays at most 190,000 gas
 * (`test/contracts/court-gas.test.ts`), 0.0095 ether at 50 gwei: `answerRefund` pays that as long as an ASSAY is worth 0.00095 ether.
 * It can be at most half of `minBond`.
 */
const COURT_PARAMETERS = {
  minBond: 20,
  answerRefund: 10,
  openingSeconds: DAY,
  appealSeconds: 12 * HOUR,
  guardianSeconds: DAY,
  suspensionSeconds: 3 * DAY,
} as const

/** Of the jury, the same units. A juror stays bound for as long as a case can need it: 114 hours to the verdict, 96 to its end. */
const JURY_PARAMETERS = {
  jurorMinStake: 1_000,
  jurorDelaySeconds: DAY,
  jurorBindingSeconds: 9 * DAY,
  panelDrawSeconds: HOUR,
  panelCommitSeconds: 12 * HOUR,
  panelRevealSeconds: 6 * HOUR,
  firstSeats: 11,
  secondSeats: 21,
} as const

/**
 * What is fixed for good when the protocol is deployed. Unbonding takes longer than all that a slash may wait for: a whole round
 * (7 days), the challenge window (4), a reading with all its appeals and a step case after it (240 hours, all of `verdictSeconds`),
 * its execution, which can be suspended once (4), and a margin (2): 27 days. No task may have a phase shorter than
 * `minPhaseSeconds`: five blocks of a chain with twelve seconds a block. A local chain gets {@link LOCAL_PARAMETERS}.
 */
export const DEFAULT_PARAMETERS = { ...STAKE_PARAMETERS, ...COURT_PARAMETERS, ...JURY_PARAMETERS } as const

/** Chains on one machine make a block a second or less, and have few jurors: panels of three, then of all. */
export const LOCAL_PARAMETERS = {
  minPhaseSeconds: 5,
  openingSeconds: 60,
  appealSeconds: 60,
  guardianSeconds: 60,
  suspensionSeconds: 60,
  jurorDelaySeconds: 5,
  jurorBindingSeconds: 1_800,
  panelDrawSeconds: 60,
  panelCommitSeconds: 60,
  panelRevealSeconds: 60,
  firstSeats: 3,
  secondSeats: 0,
} as const satisfies Partial<Parameters>

export type ParameterName = keyof typeof DEFAULT_PARAMETERS
export type Parameters = Record<ParameterName, number>

export const PARAMETER_NAMES = Object.keys(DEFAULT_PARAMETERS) as ParameterName[]

/** Those that are whole ASSAY. */
const AMOUNTS = new Set<ParameterName>(['minBond', 'answerRefund', 'jurorMinStake'])

/** The jury's names of its terms, where the parameters have others. */
const JURY_TERMS = {
  minStake: 'jurorMinStake',
  placeDelaySeconds: 'jurorDelaySeconds',
  bindingSeconds: 'jurorBindingSeconds',
  drawSeconds: 'panelDrawSeconds',
  commitSeconds: 'panelCommitSeconds',
  revealSeconds: 'panelRevealSeconds',
  firstSeats: 'firstSeats',
  secondSeats: 'secondSeats',
} as const satisfies Record<string, ParameterName>

/** `unbondingSeconds` as the option `unbonding-seconds`. */
export function optionOf(name: ParameterName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** The parameter that a contract calls so. */
export function parameterNamed(term: string): ParameterName | undefined {
  return Object.hasOwn(JURY_TERMS, term)
    ? JURY_TERMS[term as keyof typeof JURY_TERMS]
    : PARAMETER_NAMES.find((name) => name === term)
}

/** The unit in which a parameter is given, for people: amounts are whole ASSAY. */
export const unitOf = (name: ParameterName): string => (AMOUNTS.has(name) ? ' ASSAY' : '')

/** A parameter as the contracts have it: amounts in wei. */
export function onChain(parameters: Parameters, name: ParameterName): bigint {
  const value = parameters[name]
  return AMOUNTS.has(name) ? parseEther(String(value)) : BigInt(value)
}

/** What Tasks is deployed with. */
export function timingOf(parameters: Parameters) {
  const { maxRoundSeconds, maxChallengeSeconds, verdictSeconds } = parameters
  const { executionSeconds, marginSeconds, minPhaseSeconds } = parameters
  return {
    maxRoundSeconds,
    maxChallengeSeconds,
    verdictSeconds,
    executionSeconds,
    marginSeconds,
    minPhaseSeconds,
  }
}

/** What Court is deployed with. @param guardian may suspend the execution of a verdict; the zero address if nobody may */
export function courtTermsOf(parameters: Parameters, guardian: string) {
  const names = Object.keys(COURT_PARAMETERS) as (keyof typeof COURT_PARAMETERS)[]
  const terms = Object.fromEntries(names.map((name) => [name, onChain(parameters, name)]))
  return { guardian: guardian as Address, ...terms } as { guardian: Address } & Record<
    keyof typeof COURT_PARAMETERS,
    bigint
  >
}

/** What Court deploys its Jury with. */
export function juryTermsOf(parameters: Parameters) {
  const terms = Object.entries(JURY_TERMS).map(([term, name]) => [term, onChain(parameters, name)])
  return Object.fromEntries(terms) as Record<keyof typeof JURY_TERMS, bigint>
}
