import type { Member, RoundFacts } from '@assay/oracle/round-facts.ts'
import { auditedMembers } from '@assay/sdk/protocol/cohorts.ts'
import type { SettledMember } from '@assay/sdk/protocol/results.ts'
import { earlyBonusBps, validatorPay } from '@assay/sdk/protocol/reward-formula.ts'
import type { ScoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { judgeMember, settleMember, type Verdict } from '@assay/sdk/protocol/settlement.ts'
import type { Revealed } from './committee.ts'
import type { LabContributor } from './contributor.ts'

/** What a round came to for one contributor. */
export type Outcome = {
  contributor: LabContributor
  /** Whether the beacon drew its update for an audit. */
  named: boolean
  verdict: Verdict
  result: SettledMember
  /** What each seat said. */
  entries: ScoreEntry[]
}

const FULL_UPTIME_BPS = 10_000

/** Settles a cohort as the contract would: medians, pay, held pay and records, by the sdk's twins. */
export function settleCohort(
  facts: RoundFacts,
  { members, revealed }: { members: readonly Member[]; revealed: readonly Revealed[] },
  contributorOf: (member: Member) => LabContributor,
): Outcome[] {
  const { beacon, round, params } = facts
  const isLastRound = round >= params.maxRounds
  const named = auditedMembers({ beacon, isLastRound, members })
  return members.map((member, i) => {
    const findings = revealed.map(({ seat, entries }) => ({ seat, entry: entries[i]! }))
    const { committeeSize } = facts
    const contributor = contributorOf(member)
    const draw = { committeeSize, windows: params.replayWindows, named: named[i]! }
    const verdict = judgeMember(findings, draw, contributor.standing)
    payEntries(revealed, verdict, params.priceValidation)
    const result = settle(facts, contributor, verdict)
    return { contributor, named: named[i]!, verdict, result, entries: findings.map(({ entry }) => entry) }
  })
}

function payEntries(revealed: readonly Revealed[], { agrees }: Verdict, price: bigint): void {
  for (const [i, { validator }] of revealed.entries())
    if (agrees[i]) validator.credited += validatorPay(price, 1, FULL_UPTIME_BPS)
}

function settle({ round, params }: RoundFacts, contributor: LabContributor, verdict: Verdict): SettledMember {
  const { result, standing, credited } = settleMember(verdict, contributor.standing, {
    priceCompute: params.priceCompute,
    computeUnits: params.computeUnitsPerRound,
    priceData: params.priceData,
    dataUnits: Math.min(contributor.data.n, params.dataUnitsLimit),
    earlyBonusBps: earlyBonusBps(params.earlyBonusBps, params.earlyBonusRounds, round),
    windows: params.replayWindows,
    isLastRound: round >= params.maxRounds,
  })
  if (standing.heldRounds === 0) contributor.heldRounds = []
  else if (standing.heldRounds > contributor.standing.heldRounds) contributor.heldRounds.push(round)
  contributor.standing = standing
  contributor.credited += credited
  return result
}
