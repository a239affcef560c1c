import { computeUnits } from '@assay/engine/package/mode.ts'
import { modelFileHash } from '@assay/engine/package/model.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { namedPoolRoot, windowCount } from '@assay/engine/package/task-spec.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { parseEther, zeroAddress } from 'viem'

/** Seats of a committee. */
export const COMMITTEE_SIZE = 5
/** A task needs one more than twice a committee, so that a second one can be drawn. */
export const VALIDATORS = 2 * COMMITTEE_SIZE + 1
/** Reward of a round's compute at Q = ℓ = ρ = ε = 1, and of a data unit at R = 1: the demo's prices. */
const COMPUTE_PAY = parseEther('60')
const DATA_PRICE = parseEther('0.05')
const DATA_UNITS_LIMIT = 1_000
/** No clock runs in the lab. */
const PHASE_SECONDS = 60

/** The terms of the lab's task: the demo's, without the early bonus, which would only blur what work is worth. */
export function termsOf(
  { spec, specHash, programRoot, init }: TaskPackage,
  { contributors, rounds, windows }: { contributors: number; rounds: number; windows: number },
): TaskParams {
  return {
    specHash,
    initialModelHash: modelFileHash(spec, init),
    poolRoot: namedPoolRoot(spec),
    programRoot,
    rewardToken: zeroAddress,
    priceCompute: COMPUTE_PAY / BigInt(spec.steps * spec.unitsPerStep),
    priceData: DATA_PRICE,
    priceValidation: parseEther('1'),
    computeUnitsPerRound: computeUnits(spec),
    dataUnitsLimit: DATA_UNITS_LIMIT,
    stepsPerRound: spec.steps,
    windowsPerRound: windowCount(spec),
    replayWindows: Math.min(windows, windowCount(spec)),
    slots: contributors,
    committeeSize: COMMITTEE_SIZE,
    minContributors: 1,
    maxRounds: rounds,
    submitSeconds: PHASE_SECONDS,
    openSeconds: PHASE_SECONDS,
    commitSeconds: PHASE_SECONDS,
    revealSeconds: PHASE_SECONDS,
    aggregateSeconds: PHASE_SECONDS,
    challengeSeconds: PHASE_SECONDS,
    earlyBonusBps: 10_000,
    earlyBonusRounds: 0,
    enrolmentFee: 0n,
    contributorStake: 0n,
    minValidatorStake: 1n,
  }
}
