/** A whole round of a task with {@link termsOf}, with its challenge window. */
export const ROUND_SECONDS = 60 + 60 + 2 * (60 + 60 + 60) + 240

/** Terms as a task's owner writes them, for tests of the command line. */
export function termsOf(rewardToken: string) {
  return {
    rewardToken,
    priceCompute: '0.0000001',
    priceData: '0.01',
    priceValidation: '0',
    dataUnitsLimit: 1000,
    slots: 16,
    committeeSize: 3,
    minContributors: 1,
    maxRounds: 2,
    submitSeconds: 60,
    openSeconds: 60,
    commitSeconds: 60,
    revealSeconds: 60,
    aggregateSeconds: 60,
    challengeSeconds: 240,
    earlyBonusBps: 10000,
    earlyBonusRounds: 0,
    enrolmentFee: '1',
    contributorStake: '100',
    minValidatorStake: '1000',
  }
}
