import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { type BondTerms, firstFees, type JuryKind, rewardlessBase } from '@assay/sdk/protocol/cases.ts'
import { penaltyShare } from '@assay/sdk/protocol/penalties.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'

type Stakes = Pick<TaskParams, 'contributorStake' | 'minValidatorStake'>

/**
 * Warns a task's owner of stakes that are too small for the court: where all that can be paid out goes to jurors, nobody
 * is paid to find who cheats.
 */
export function challengerNotes({ contributorStake, minValidatorStake }: Stakes, terms: BondTerms): string[] {
  const faults: [name: string, stake: bigint, fault: string, kind: JuryKind][] = [
    ['contributorStake', contributorStake, 'false training', 'falseStep'],
    ['minValidatorStake', minValidatorStake, 'a false score', 'falseScore'],
  ]
  return faults.flatMap(([name, stake, fault, kind]) => {
    const least = rewardlessBase(kind, terms)
    if (stake > least) return []
    const [said, limit, fees] = [stake, least, firstFees(terms)].map((wei) => amountText(wei, ASSAY, 'exact'))
    const share = penaltyShare(kind, 0) / 100
    return [
      `${name} is ${said}: 40 % of the ${share} % that ${fault} costs pay ${terms.firstSeats} jurors ${fees} at most, so that whoever proves it earns nothing; give more than ${limit}`,
    ]
  })
}
