import { blobHash } from '@assay/engine/hash.ts'
import { computeUnits } from '@assay/engine/package/mode.ts'
import { serializeModel } from '@assay/engine/package/model.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { namedPoolRoot, windowCount } from '@assay/engine/package/task-spec.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { type Address, parseEther } from 'viem'
import { committeeSize, type FederationOptions } from './options.ts'

/** What everybody stakes and pays in the demo, in ASSAY wei. */
export const STAKES = {
  enrolmentFee: parseEther('1'),
  contributor: parseEther('100'),
  validator: parseEther('1000'),
  /** The least of a juror. */
  juror: parseEther('1000'),
  /** What a validator may lose as bonds, and has in its wallet for that. */
  courtBudget: parseEther('200'),
} as const

/** Most that a task can be funded with: 80 bits of wei. */
const MOST_FUNDING = 2n ** 80n - 1n

/** The terms of the demo's task. Its phases are short, because its chain makes a block only when there is something to do. */
export function demoTaskParams(
  options: FederationOptions,
  { spec, specHash, programRoot, init }: TaskPackage,
  rewardToken: Address,
): TaskParams {
  return {
    specHash,
    initialModelHash: blobHash(serializeModel(spec, init)),
    poolRoot: namedPoolRoot(spec),
    programRoot,
    rewardToken,
    // About 60 tokens for a round's compute, and 30 for an average shard.
    priceCompute: parseEther('60') / BigInt(spec.steps * spec.unitsPerStep),
    priceData: parseEther('0.05'),
    priceValidation: parseEther('1'),
    computeUnitsPerRound: computeUnits(spec),
    dataUnitsLimit: 1000,
    stepsPerRound: spec.steps,
    windowsPerRound: windowCount(spec),
    replayWindows: Math.min(spec.replayWindows, windowCount(spec)),
    slots: options.contributors,
    committeeSize: committeeSize(options),
    minContributors: options.contributors,
    maxRounds: options.rounds,
    submitSeconds: 60,
    openSeconds: 60,
    commitSeconds: 60,
    revealSeconds: 60,
    aggregateSeconds: 60,
    challengeSeconds: 240,
    earlyBonusBps: 15_000,
    earlyBonusRounds: 4,
    enrolmentFee: STAKES.enrolmentFee,
    contributorStake: STAKES.contributor,
    minValidatorStake: STAKES.validator,
  }
}

/** Enough for all rounds at their highest cost, up to a task's limit. */
export function demoFunding(largestRoundCost: bigint, rounds: number): bigint {
  const all = largestRoundCost * BigInt(rounds)
  return all < MOST_FUNDING ? all : MOST_FUNDING
}
