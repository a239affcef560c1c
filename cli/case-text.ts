import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import {
  type CaseFacts,
  type CaseKind,
  type CaseStage,
  type CaseVerdict,
  caseStage,
  isSaidByTwo,
  type PollState,
} from '@assay/sdk/protocol/cases.ts'
import { penaltyOf } from '@assay/sdk/protocol/penalties.ts'
import { readAddedCases } from '@assay/sdk/verbs/court/read-added-cases.ts'
import { type CourtCase, readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { type Address, zeroHash } from 'viem'
import { deadlineText } from './format.ts'
import { chainSeconds } from './time.ts'

/** What each kind of case accuses somebody of, as the end of a sentence. */
const ACCUSATIONS: Record<CaseKind, (facts: CaseFacts) => string> = {
  none: () => 'something that this version does not know',
  openingWithheld: () => 'withholding its opening',
  falseStep: ({ subject }) => `a false state at the end of window ${subject}`,
  falseScore: ({ subject }) =>
    `a false score of member ${subject % 16} in cohort ${Math.floor(subject / 16)}`,
  falseAggregate: ({ subject }) => `a vote for a false aggregate of cohort ${subject}`,
  falseModel: () => 'a vote for a false model',
  twoStatements: ({ subject }) => `signing two values for slot ${subject}`,
  updateUnavailable: () => 'scoring an update that nobody can get',
  passClaimed: ({ subject }) => `claiming to have replayed window ${subject}, which is false`,
  windowWithheld: ({ subject }) => `withholding window ${subject} from those who were drawn to read it`,
}

/** What a verdict means. */
const VERDICTS: Record<CaseVerdict, string> = {
  none: 'no verdict yet',
  guilty: 'guilty',
  acquitted: 'acquitted',
  dismissed: 'dismissed, because the challenger did not show its evidence',
  answered: 'answered: the opening was posted',
  annulled: 'annulled: all jurors took the suspended verdict back',
  unavailable: 'unavailable: no juror could get the update, though the accused said where it is',
}

/** What a verdict means in a case of that kind. */
export function verdictText(kind: CaseKind, verdict: CaseVerdict): string {
  if (kind === 'windowWithheld' && verdict === 'dismissed')
    return 'dismissed, because readers got a window that ends in another state: one of them can accuse the step'
  return VERDICTS[verdict]
}

/** A case, what is due in it, and the chain's time, in unix seconds. */
export type CaseAt = CourtCase & { stage: CaseStage; now: number }

/** Says of cases what is due in each. */
export async function stagesOf(reader: AssayReader, cases: readonly CourtCase[]): Promise<CaseAt[]> {
  const [terms, now] = await Promise.all([readCourtTerms(reader), chainSeconds(reader)])
  return cases.map((one) => ({ ...one, stage: caseStage(one.facts.kind, one.state, terms, now), now }))
}

/** A case that keeps an account's pay. */
export type CaseAgainst = CaseAt & {
  /** Unix seconds at which it has ended at the latest. */
  endsBy: number
  /** The account, if it was added to a case against somebody else. */
  added: Address | undefined
}

/** The cases that keep an account's pay in a task: open ones, and closed ones whose verdict isn't carried out for it yet. */
export async function casesAgainst(
  reader: AssayReader,
  of: { taskId: bigint; defendant: Address },
): Promise<CaseAgainst[]> {
  const { taskId, defendant: account } = of
  const [own, added] = await Promise.all([readCases(reader, of), readAddedCases(reader, { taskId, account })])
  const open = own.filter(({ state }) => !state.isClosed)
  const ids = new Set(added.map(({ caseId }) => caseId))
  const { verdictSeconds, executionSeconds } = await readCourtTerms(reader)
  return Promise.all(
    (await stagesOf(reader, [...open, ...added])).map(async (one) => {
      const { timestamp } = await reader.chain.getBlock({ blockNumber: one.openedBlock })
      const endsBy = Number(timestamp) + verdictSeconds + executionSeconds
      return { ...one, endsBy, added: ids.has(one.caseId) ? account : undefined }
    }),
  )
}

/** Whom a case accuses of what. */
export function accusationText({ facts }: Pick<CourtCase, 'facts'>): string {
  const { defendant, round, taskId, kind } = facts
  return `${defendant} is accused of ${ACCUSATIONS[kind](facts)}, in round ${round} of task ${taskId}`
}

/** What is due in a case, and the command for it. */
export function stageText({ caseId, facts, stage, state, now }: CaseAt): string {
  switch (stage.name) {
    case 'answer':
      return `the opening can be posted until ${deadlineText(stage.until, now)}: assay case answer ${caseId}`
    case 'draw':
      return `anyone can draw its panel of jurors: assay case draw ${caseId}`
    case 'votes':
      if (facts.kind === 'windowWithheld')
        return `readers say until ${deadlineText(stage.until, now)} whether they get the window: a running assay contribute gives it to them, in the first half of their commitments`
      return `jurors vote until ${deadlineText(stage.until, now)}`
    case 'appeal':
      return `anyone can appeal until ${deadlineText(stage.until, now)}: assay case appeal ${caseId}`
    case 'conclude':
      return `anyone can have the verdict noted: assay case conclude ${caseId}`
    case 'execution':
      return `guilty; the penalty can be taken from ${deadlineText(stage.from, now)}: assay case execute ${caseId}`
    case 'annul':
      return `all jurors took the verdict back; anyone can have the case end so: assay case annul ${caseId}`
    case 'execute':
      return `guilty; anyone can have the penalty taken: assay case execute ${caseId}`
    case 'closed':
      return `closed: ${verdictText(facts.kind, state.verdict)}`
  }
}

/** All of a case that people want to know. */
export function caseText(one: CaseAt): string {
  const { caseId, facts, state } = one
  const amount = (wei: bigint) => amountText(wei, ASSAY)
  const lines = [
    `Case ${caseId}: ${accusationText(one)}`,
    `  challenger  ${facts.challenger}, with a bond of ${amount(facts.bond)}`,
    `  at stake    ${atStake(facts)}`,
    `  now         ${stageText(one)}`,
  ]
  if (facts.evidence !== zeroHash) lines.splice(3, 0, `  evidence    ${facts.evidence}`)
  if (state.wasSuspended) lines.push('              the guardian has suspended its execution once')
  if (state.poll !== undefined) lines.push(`  jurors      ${pollText(state.poll)}`)
  return lines.join('\n')
}

/** How all jurors' vote about a suspended verdict stands. */
function pollText({ totalWeight, weightFor, weightAgainst }: PollState): string {
  const share = (weight: number) => `${totalWeight === 0 ? 0 : Math.floor((100 * weight) / totalWeight)} %`
  return `${share(weightFor)} of all weight wants it carried out, ${share(weightAgainst)} annulled; more than half decides: assay case poll --help`
}

function atStake(facts: CaseFacts): string {
  const { kind, base, defendant } = facts
  const pay = 'its pay in the task that had not matured when the case was opened'
  const penalty = amountText(penaltyOf(kind, base, 0), ASSAY)
  const more = kind === 'openingWithheld' ? '' : ', more if it is a repeat'
  const fee = isSaidByTwo(facts) ? '; if readers get the window, half of their fees' : ''
  return `${penalty} of the stake of ${defendant}${more}, and ${pay}${fee}`
}
