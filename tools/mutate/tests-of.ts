import { globSync } from 'node:fs'

/** The court's tests, those that take longest last. One list, so that all mutants of the court are compiled together. */
const COURT = [
  'court/{CourtMoney,CourtProceedings,CourtSetup,TwoStatements,Window*,AccusationsOf*}.t.sol',
  'Jury*.t.sol',
  'court/{CourtAttacks,CourtOpponents}.t.sol',
  'court/*.t.sol',
]

/** Which tests a mutant of a file has to fail: the first pattern that matches a file tells. Those that are likely to fail stand first. */
const MIRRORED: readonly [file: RegExp, tests: string[]][] = [
  [/libraries\/RewardFormula\.sol$/, ['libraries/RewardFormula.t.sol', 'rounds/RoundsSettlement.t.sol']],
  [
    /libraries\/(Lanes|Verdicts)\.sol$/,
    ['libraries/{Lanes,Median}.t.sol', 'rounds/Rounds{Verdicts,Settlement,Settling,Scoring}.t.sol'],
  ],
  [
    /libraries\/(Reputation|ScoreWords|Sampling|TaskBounds|ContractCode)\.sol$/,
    ['libraries/*.t.sol', 'Tasks*.t.sol', 'rounds/*.t.sol'],
  ],
  [/StakeRegistry\.sol$|types\/StakeWord\.sol$/, ['types/StakeWord.t.sol', 'StakeRegistry*.t.sol']],
  [
    /contracts\/(Court|Jury|(Window)?Accusations)\.sol$|contracts\/court\/|types\/(CaseWord|WeightLanes)\.sol$/,
    COURT,
  ],
  [/contracts\/Canaries\.sol$/, ['court/Canar*.t.sol']],
  [/libraries\/(Penalties|CourtEvidence|SeatEvidence|JuryAnswers|Readings|SignedStatements)\.sol$/, COURT],
  [/contracts\/Tasks\.sol$|tasks\//, ['Tasks*.t.sol', 'rounds/RoundsEnrolment.t.sol']],
  [/AssayToken\.sol$/, ['AssayToken*.t.sol']],
  [/BlockHashBeacon\.sol$/, ['BlockHashBeacon.t.sol']],
  [/./, ['types/*.t.sol', 'rounds/*.t.sol', 'Tasks*.t.sol', 'court/*.t.sol']],
]

/** Files whose mutants are all tried: formula, medians, slashes and the court's sums. */
export const IMPORTANT = [
  'contracts/libraries/RewardFormula.sol',
  'contracts/libraries/Lanes.sol',
  'contracts/libraries/Verdicts.sol',
  'contracts/libraries/Penalties.sol',
  'contracts/StakeRegistry.sol',
  'contracts/court/Bonds.sol',
  'contracts/court/Execution.sol',
  'contracts/court/JurorStakes.sol',
  'contracts/court/Offences.sol',
  'contracts/court/ReadingCosts.sol',
  'contracts/court/Rewards.sol',
]

/** Test files for the mutants of a contract's file, in the order to run them. */
export function testsOf(root: string, file: string): string[] {
  const [, patterns] = MIRRORED.find(([pattern]) => pattern.test(file))!
  return [
    ...new Set(patterns.flatMap((pattern) => globSync(`test/solidity/${pattern}`, { cwd: root }).sort())),
  ]
}
