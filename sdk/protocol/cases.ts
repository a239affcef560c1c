/** Cases of the court: what they are about, how they end, and what comes next. `docs/protocol.md` tells the same. */
import { type Address, encodeAbiParameters, keccak256, parseAbiParameters, sliceHex } from 'viem'
import { EVIDENCE_MISSING, UPDATE_UNAVAILABLE, WINDOW_DIFFERS } from './jury-votes.ts'
import { penaltyOf, penaltyShare } from './penalties.ts'
import type { Hash } from './random.ts'

/** What a case is about, in the order of the contract's enum. */
export const CASE_KINDS = [
  'none',
  'openingWithheld',
  'falseStep',
  'falseScore',
  'falseAggregate',
  'falseModel',
  'updateUnavailable',
  'twoStatements',
  'windowWithheld',
  'passClaimed',
] as const
export type CaseKind = (typeof CASE_KINDS)[number]

/** How a case ends, in the order of the contract's enum. */
export const CASE_VERDICTS = [
  'none',
  'guilty',
  'acquitted',
  'dismissed',
  'answered',
  'annulled',
  'unavailable',
] as const
export type CaseVerdict = (typeof CASE_VERDICTS)[number]

/** Where a panel stands, in the order of the contract's enum. */
export const PANEL_STATUSES = ['none', 'drawing', 'committing', 'revealing', 'ended', 'empty'] as const
export type PanelStatus = (typeof PANEL_STATUSES)[number]

/** What a case is about, as its event and the court's calls have it. */
export type CaseFacts = {
  kind: CaseKind
  taskId: bigint
  round: number
  /** Window of a step or of a reading, cohort of an aggregate, 16 × cohort + member of a score, else 0. */
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
  /** Of a vote its committee: byte 31 has the number of seats, byte j from the lowest the roster index of seat j; else 0. */
  committee: bigint
  /** Block in which the challenger committed to the accusation. */
  committedAt: bigint
}

/** All fields have a word. */
const FACTS = parseAbiParameters(
  'uint256, uint256, uint256, uint256, address, uint256, address, uint256, bytes32, bytes32, bytes32, uint256, uint256',
)

/** What the court keeps of a case's facts: the first 21 bytes of their hash. Twin: `contracts/types/CaseWord.sol`. */
export function factsHash(facts: CaseFacts): Hash {
  const { kind, taskId, round, subject, challenger, bond, defendant, base } = facts
  const { accused, context, evidence, committee, committedAt } = facts
  const numbers = [BigInt(CASE_KINDS.indexOf(kind)), taskId, BigInt(round), BigInt(subject)] as const
  const stakes = [
    challenger,
    bond,
    defendant,
    base,
    accused,
    context,
    evidence,
    committee,
    committedAt,
  ] as const
  return sliceHex(keccak256(encodeAbiParameters(FACTS, [...numbers, ...stakes])), 0, 21)
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
  panel: PanelState | undefined
  /** Panels so far, by instance. */
  panelIds: readonly bigint[]
  /** All jurors' vote about the verdict, once the guardian has suspended it, until the case is closed. */
  poll?: PollState | undefined
}

/** A vote of all jurors about a suspended verdict. */
export type PollState = {
  /** Unix seconds: who was a juror then may vote. */
  openedAt: number
  /** Of all who may vote. */
  totalWeight: number
  /** Of those who want the verdict carried out at once. */
  weightFor: number
  /** Of those who want it annulled. */
  weightAgainst: number
  /** Places in the roster of those who have voted. */
  voted: readonly number[]
}

/** What more than half of all weight wants; undefined while nothing has that. */
export function pollDecision({
  totalWeight,
  weightFor,
  weightAgainst,
}: PollState): 'execute' | 'annul' | undefined {
  if (2 * weightFor > totalWeight) return 'execute'
  return 2 * weightAgainst > totalWeight ? 'annul' : undefined
}

/** Where a panel stands on chain. Times in unix seconds. */
export type PanelState = {
  id: bigint
  status: PanelStatus
  /** When its jurors were drawn, 0 before. */
  drawnAt: number
  /** When its reveals end; of one without a jury, when it should have been drawn. */
  endsAt: number
  /** Places in the roster of those who were drawn. */
  places: readonly number[]
}

/** Places of the jury's roster. */
const PLACES = 64

/** The places that a mask of the jury names. */
export function placesIn(mask: bigint): number[] {
  return Array.from({ length: PLACES }, (_, place) => place).filter((place) => (mask >> BigInt(place)) & 1n)
}

/** Terms of the court that a stage depends on. */
export type CaseTerms = { appealSeconds: number; lastInstance: number }

/** Terms of the jury that a panel's clock follows from. */
export type PanelTerms = { commitSeconds: number; revealSeconds: number }

/** Unix seconds at which a drawn panel's commitments end. */
export function commitEndOf({ drawnAt, endsAt }: PanelState, terms: PanelTerms): number {
  const { commitSeconds, revealSeconds } = terms
  return drawnAt + ((endsAt - drawnAt) * commitSeconds) / (commitSeconds + revealSeconds)
}

/**
 * A panel as of a later block: once it is drawn, only the time decides where it stands.
 *
 * @param time of the block, unix seconds
 * @returns undefined for a panel whose jurors were not drawn: that changes by a call
 */
export function panelAt(panel: PanelState, terms: PanelTerms, time: number): PanelState | undefined {
  if (panel.status === 'none' || panel.status === 'drawing') return undefined
  if (panel.status === 'empty') return panel
  if (time < commitEndOf(panel, terms)) return { ...panel, status: 'committing' }
  return { ...panel, status: time < panel.endsAt ? 'revealing' : 'ended' }
}

/** Unix seconds by which a contributor must have announced a window to the readers of a drawn panel. */
export function deliveryEndOf(panel: PanelState, terms: PanelTerms): number {
  return panel.drawnAt + Math.floor((commitEndOf(panel, terms) - panel.drawnAt) / 2)
}

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
  /** All jurors took the verdict back: anyone can have the case end so. */
  | { name: 'annul' }
  /** Bonds are settled. */
  | { name: 'closed' }

/**
 * The verdict that a panel's report means, if nobody appeals, and if the accused of a score hasn't said where the update is.
 *
 * @param report zero if the panel has no majority
 */
export function verdictOf(report: Hash, { accused, kind }: Pick<CaseFacts, 'accused' | 'kind'>): CaseVerdict {
  if (kind === 'windowWithheld') return readVerdict(report)
  if (report === UPDATE_UNAVAILABLE) return kind === 'falseScore' ? 'guilty' : 'dismissed'
  if (report === EVIDENCE_MISSING) return 'dismissed'
  return BigInt(report) === 0n || report === accused ? 'acquitted' : 'guilty'
}

/** What readers mean: a window that isn't there is withheld, of one that differs a step case can be opened. */
function readVerdict(report: Hash): CaseVerdict {
  if (report === EVIDENCE_MISSING) return 'guilty'
  return report === WINDOW_DIFFERS ? 'dismissed' : 'acquitted'
}

/** What comes next in a case at a time, in unix seconds. */
export function caseStage(kind: CaseKind, state: CaseState, terms: CaseTerms, time: number): CaseStage {
  const { verdict, readyAt } = state
  if (state.isClosed) return { name: 'closed' }
  if (verdict !== 'none') return executionStage(state, time)
  if (kind === 'openingWithheld')
    return time < readyAt ? { name: 'answer', until: readyAt } : { name: 'conclude' }
  if (kind === 'twoStatements') return { name: 'conclude' }
  return panelStage(state, terms, time)
}

/** What all jurors decided about a suspended verdict comes before the clock. */
function executionStage({ readyAt, poll }: CaseState, time: number): CaseStage {
  const decision = poll && pollDecision(poll)
  if (decision !== undefined) return { name: decision }
  return time < readyAt ? { name: 'execution', from: readyAt } : { name: 'execute' }
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
/** In the context of a reading. */
const SAID_BY_TWO = 1n
/** The most that a contributor pays for a window that readers got, as a share of its stake. */
const READING_BPS = 500n
/** What a seat earns, as a share of the least stake of a juror. */
const FEE_BPS = 20n
/** Seats of the first panel that reads a window. */
const READERS = 3
/** The most of what is taken that can be paid out; the registry has the same limit. */
const REWARD_BPS = 4_000n

/** Terms of a deployment that a bond follows from. Amounts in ASSAY wei. */
export type BondTerms = { minBond: bigint; jurorMinStake: bigint; firstSeats: number }

/** What a withheld opening costs, in ASSAY wei. @param contributorStake of the task, in ASSAY wei */
export function withholdingPenalty(contributorStake: bigint): bigint {
  return penaltyOf('openingWithheld', contributorStake, 0)
}

/** The bond of a case about a withheld opening, in ASSAY wei. @param contributorStake of the task, in ASSAY wei */
export function withholdingBond(contributorStake: bigint, { minBond }: Pick<BondTerms, 'minBond'>): bigint {
  return larger(minBond, bondOfPenalty(withholdingPenalty(contributorStake)))
}

/** What a false step costs if it is no repeat, in ASSAY wei. @param contributorStake of the task, in ASSAY wei */
export function stepPenalty(contributorStake: bigint): bigint {
  return penaltyOf('falseStep', contributorStake, 0)
}

/**
 * The bond of a case about a false step, in ASSAY wei: jurors are paid from it if it is lost.
 *
 * @param contributorStake of the task, in ASSAY wei
 */
export function stepBond(contributorStake: bigint, terms: BondTerms): bigint {
  return caseBond('falseStep', contributorStake, terms)
}

/**
 * The bond of a case, in ASSAY wei: it covers half more than the fees of the first panel.
 *
 * @param base of the penalty, in ASSAY wei
 */
export function caseBond(kind: CaseKind, base: bigint, terms: BondTerms): bigint {
  const ofFees = (3n * BigInt(firstSeatsOf(kind, terms)) * seatFee(terms)) / 2n
  return larger(larger(terms.minBond, bondOfPenalty(penaltyOf(kind, base, 0))), ofFees)
}

/** Kinds whose first panel has the seats that the deployment fixed, each paid its whole fee. */
export type JuryKind = 'falseStep' | 'falseScore' | 'falseAggregate' | 'falseModel'

/**
 * What a challenger that is right gets beside its bond, in ASSAY wei, if the fault is no repeat and nobody appeals: 40 % of
 * the penalty, less the fees of the first panel.
 *
 * @param base of the penalty, in ASSAY wei
 */
export function challengerReward(kind: JuryKind, base: bigint, terms: BondTerms): bigint {
  const share = (penaltyOf(kind, base, 0) * REWARD_BPS) / BPS
  return larger(share - firstFees(terms), 0n)
}

/** The base up to which {@link challengerReward} is nothing, in ASSAY wei. */
export function rewardlessBase(kind: JuryKind, terms: BondTerms): bigint {
  return (firstFees(terms) * BPS * BPS) / (BigInt(penaltyShare(kind, 0)) * REWARD_BPS)
}

/** What the seats of a case's first panel earn together, in ASSAY wei. */
export function firstFees(terms: BondTerms): bigint {
  return BigInt(terms.firstSeats) * seatFee(terms)
}

function firstSeatsOf(kind: CaseKind, { firstSeats }: Pick<BondTerms, 'firstSeats'>): number {
  if (kind === 'openingWithheld' || kind === 'twoStatements') return 0
  return kind === 'windowWithheld' ? READERS : firstSeats
}

/** What a window that is withheld from readers costs if it is no repeat, in ASSAY wei. @param contributorStake of the task, in ASSAY wei */
export function windowPenalty(contributorStake: bigint): bigint {
  return penaltyOf('windowWithheld', contributorStake, 0)
}

/** Of a case about a window: whether two seats said that it was withheld, so that both sides pay readers who get it. */
export function isSaidByTwo({ kind, context }: Pick<CaseFacts, 'kind' | 'context'>): boolean {
  return kind === 'windowWithheld' && BigInt(context) === SAID_BY_TWO
}

/**
 * What readers cost who get a window that was asked for, in ASSAY wei.
 *
 * @param contributorStake of the task, in ASSAY wei
 * @returns what the seat that asked loses of its bond, and the contributor of its stake
 */
export function readingCosts(
  { contributorStake, saidByTwo }: { contributorStake: bigint; saidByTwo: boolean },
  terms: Pick<BondTerms, 'jurorMinStake'>,
): { asker: bigint; contributor: bigint } {
  const fees = BigInt(READERS) * seatFee(terms)
  if (!saidByTwo) return { asker: fees, contributor: 0n }
  return { asker: fees / 2n, contributor: smaller(fees / 2n, (contributorStake * READING_BPS) / BPS) }
}

/** What a seat earns that voted as it should, in ASSAY wei, if there is enough. */
export function seatFee({ jurorMinStake }: Pick<BondTerms, 'jurorMinStake'>): bigint {
  return (jurorMinStake * FEE_BPS) / BPS
}

function bondOfPenalty(penalty: bigint): bigint {
  return (penalty * BOND_BPS) / BPS
}

const larger = (a: bigint, b: bigint) => (a > b ? a : b)
const smaller = (a: bigint, b: bigint) => (a < b ? a : b)
