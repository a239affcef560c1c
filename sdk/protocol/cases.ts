/** Cases of the court: what they are about, how they end, and what comes next. `docs/protocol.md` tells the same. */
import type { Address } from 'viem'
import type { Hash } from './random.ts'

/** What a case is about, in the order of the contract's enum. */
export const CASE_KINDS = [
  'none',
  'openingWithheld',
  'falseStep',
  'falseScore',
  'falseAggregate',
  'falseModel',
] as const
export type CaseKind = (typeof CASE_KINDS)[number]

/** How a case ends, in the order of the contract's enum. */
export const CASE_VERDICTS = ['none', 'guilty', 'acquitted', 'dismissed', 'answered'] as const
export type CaseVerdict = (typeof CASE_VERDICTS)[number]

/** Where a panel stands, in the order of the contract's enum. */
export const PANEL_STATUSES = ['none', 'drawing', 'committing', 'revealing', 'ended', 'empty'] as const
export type PanelStatus = (typeof PANEL_STATUSES)[number]

/** What a case is about, as its event and the court's calls have it. */
export type CaseFacts = {
  kind: CaseKind
  taskId: bigint
  round: number
  /** Window of a step, cohort of an aggregate, 16 × cohort + member of a score, else 0. */
  subject: number
  challenger: Address
  /** ASSAY wei. */
  bond: bigint
  defendant: Address
  /** ASSAY wei of which penalties are shares. */
  base: bigint
  accused: Hash
  context: Hash
  evidence: Hash
  parties: readonly Address[]
}

/** Where a case stands on chain. */
export type CaseState = {
  verdict: CaseVerdict
  isClosed: boolean
  wasSuspended: boolean
  /** 0 for the first panel, 1 and 2 for those of appeals. */
  instance: number
  /** Unix seconds: without a verdict the deadline of an answer, then the earliest execution. */
  readyAt: number
  /** The last panel; undefined in a case that needs none. */
  panel: { id: bigint; status: PanelStatus; endsAt: number } | undefined
}

/** Terms of the court that a stage depends on. */
export type CaseTerms = { appealSeconds: number; lastInstance: number }

/** The call that is due next, and until or from when. Times in unix seconds. */
export type CaseStage =
  /** The defendant has to post its opening, until then. */
  | { name: 'answer'; until: number }
  /** Somebody has to draw the panel. */
  | { name: 'draw' }
  /** Jurors vote, until then. */
  | { name: 'votes'; until: number }
  /** Anyone can appeal, until then. */
  | { name: 'appeal'; until: number }
  /** Anyone can have the verdict noted. */
  | { name: 'conclude' }
  /** The guardian can suspend, until then. */
  | { name: 'execution'; from: number }
  /** Anyone can take the penalty. */
  | { name: 'execute' }
  /** Bonds are settled. */
  | { name: 'closed' }

/** What comes next in a case at a time, in unix seconds. */
export function caseStage(kind: CaseKind, state: CaseState, terms: CaseTerms, time: number): CaseStage {
  const { verdict, readyAt } = state
  if (state.isClosed) return { name: 'closed' }
  if (verdict !== 'none') return time < readyAt ? { name: 'execution', from: readyAt } : { name: 'execute' }
  if (kind === 'openingWithheld')
    return time < readyAt ? { name: 'answer', until: readyAt } : { name: 'conclude' }
  return panelStage(state, terms, time)
}

function panelStage({ panel, instance }: CaseState, terms: CaseTerms, time: number): CaseStage {
  if (panel === undefined || panel.status === 'drawing') return { name: 'draw' }
  if (panel.status === 'committing' || panel.status === 'revealing')
    return { name: 'votes', until: panel.endsAt }
  const appealEnd = panel.endsAt + terms.appealSeconds
  return instance < terms.lastInstance && time < appealEnd
    ? { name: 'appeal', until: appealEnd }
    : { name: 'conclude' }
}

const BPS = 10_000n
/** The least bond as a share of the penalty. */
const BOND_BPS = 500n
/** What a withheld opening costs, as a share of the contributor's stake. */
const WITHHELD_BPS = 1_000n

/** What a withheld opening costs, in ASSAY wei. @param contributorStake of the task, in ASSAY wei */
export function withholdingPenalty(contributorStake: bigint): bigint {
  return (contributorStake * WITHHELD_BPS) / BPS
}

/** The bond of a case about a withheld opening, in ASSAY wei. @param contributorStake of the task, in ASSAY wei */
export function withholdingBond(contributorStake: bigint, { minBond }: { minBond: bigint }): bigint {
  const ofPenalty = (withholdingPenalty(contributorStake) * BOND_BPS) / BPS
  return ofPenalty > minBond ? ofPenalty : minBond
}
