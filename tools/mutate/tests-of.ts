import { globSync } from 'node:fs'

/** The sums of the court, asked for one by one: small to compile, and done in a moment. */
const COURT_SUMS = [
  'libraries/Penalties.t.sol',
  'types/WeightLanes.t.sol',
  'court/{Bonds,Execution,JurorStakes,Offences,ReadingCosts,Rewards}.t.sol',
]
/** The court's tests, those that take longest last. One list, so that all mutants of the court are compiled together. */
const COURT = [
  'court/{CourtMoney,CourtProceedings,CourtSetup,TwoStatements,Window*,AccusationsOf*}.t.sol',
  'Jury*.t.sol',
  'court/{CourtAttacks,CourtOpponents}.t.sol',
  'court/*.t.sol',
]

/**
 * Which tests a mutant of a file has to fail, in steps: only what survives a step is compiled with the tests of the next one. The
 * first pattern that matches a file tells. Tests that are likely to fail stand first.
 */
const MIRRORED: readonly [file: RegExp, steps: string[][]][] = [
  [/libraries\/RewardFormula\.sol$/, [['libraries/RewardFormula.t.sol'], ['rounds/RoundsSettlement.t.sol']]],
  [
    /libraries\/(Lanes|Verdicts)\.sol$/,
    [
      ['libraries/{Lanes,Median,Verdicts}.t.sol'],
      ['rounds/Rounds{Verdicts,NoDecision,Settlement,Settling,Scoring}.t.sol'],
    ],
  ],
  [
    /libraries\/(Reputation|ScoreWords|Sampling|TaskBounds|ContractCode)\.sol$/,
    [['libraries/*.t.sol'], ['Tasks*.t.sol', 'rounds/*.t.sol']],
  ],
  [/StakeRegistry\.sol$|types\/StakeWord\.sol$/, [['types/StakeWord.t.sol', 'StakeRegistry*.t.sol']]],
  [
    /contracts\/(Court|Jury|(Window)?Accusations)\.sol$|contracts\/court\/|types\/(CaseWord|WeightLanes)\.sol$/,
    [COURT_SUMS, COURT],
  ],
  [/contracts\/Canaries\.sol$/, [['court/Canar*.t.sol'], ['court/CourtSetup.t.sol']]],
  [
    /libraries\/(Penalties|CourtEvidence|SeatEvidence|JuryAnswers|Readings|SignedStatements)\.sol$/,
    [COURT_SUMS, COURT],
  ],
  [/contracts\/Tasks\.sol$|tasks\//, [['Tasks*.t.sol', 'rounds/RoundsEnrolment.t.sol']]],
  [/AssayToken\.sol$/, [['AssayToken*.t.sol']]],
  [/BlockHashBeacon\.sol$/, [['BlockHashBeacon.t.sol']]],
  [/./, [['types/*.t.sol'], ['rounds/*.t.sol', 'Tasks*.t.sol', 'court/*.t.sol']]],
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

/** Test files for the mutants of a contract's file: steps, and in each of them the order to run them. */
export function stepsOf(root: string, file: string): string[][] {
  const [, steps] = MIRRORED.find(([pattern]) => pattern.test(file))!
  const seen = new Set<string>()
  return steps.map((patterns) =>
    patterns
      .flatMap((pattern) => globSync(`test/solidity/${pattern}`, { cwd: root }).sort())
      .filter((test) => !seen.has(test) && seen.add(test)),
  )
}
