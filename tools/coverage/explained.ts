/** A branch that no Solidity test takes, and why. */
export interface Explained {
  file: string
  where: string
  way: string
  why: string
}

export const EXPLAINED: Explained[] = [
  {
    file: 'contracts/lens/RoundsReader.sol',
    where: 'validationTermsOf',
    way: 'called',
    why: 'the library reads every word of Rounds, and the lens needs all but this one',
  },
  {
    file: 'contracts/libraries/Sampling.sol',
    where: 'gridOf',
    way: 'true is false',
    why: 'the loop is left by its break',
  },
  {
    file: 'contracts/rounds/Candidates.sol',
    where: '_seatCandidates',
    way: 'true is false',
    why: 'the loop is left by its return',
  },
  {
    file: 'contracts/libraries/Sampling.sol',
    where: 'auditProbabilityBps',
    way: 'bps < 500 is true',
    why: 'reputation ends at 15,000, where the probability is 500 without it',
  },
  {
    file: 'contracts/rounds/Finalization.sol',
    where: '_endDuty',
    way: 'dutyTotal < type(uint16).max is false',
    why: 'it takes a validator 65,535 duties, thousands of rounds',
  },
  {
    file: 'contracts/types/EarningsWord.sol',
    where: 'lastEpoch',
    way: 'called',
    why: 'only the vectors that Solidity and TypeScript share call it, in test/contracts',
  },
]
