import type { Block } from '@assay/daemon/clock.ts'
import type { CaseKind } from '@assay/sdk/protocol/cases.ts'
import { ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { readVoteProof } from '@assay/sdk/verbs/court/accuse-vote.ts'
import { accuseVoterCall } from '@assay/sdk/verbs/court/accuse-voter.ts'
import {
  type ExecuteForParameters,
  executeForCall,
  readAddedDefendants,
} from '@assay/sdk/verbs/court/execute-for.ts'
import { isAddedDefendant } from '@assay/sdk/verbs/court/read-added-cases.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import type { Address } from 'viem'
import { readAggregateVotes, readModelVotes } from '../aggregate-votes.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { isCourtTurn } from './court-turn.ts'

/** Kinds of cases to which defendants are added: other voters, or who claims to have replayed the window of a step. */
const HAS_MORE: ReadonlySet<CaseKind> = new Set(['falseAggregate', 'falseModel', 'falseStep'])

/** Adds all others who voted for the same false hash to an open case. That takes no bond. */
export async function accuseVoters(
  context: OracleContext,
  { caseId, facts }: Pick<CourtCase, 'caseId' | 'facts'>,
  endsAt: number,
): Promise<void> {
  if (facts.kind !== 'falseAggregate' && facts.kind !== 'falseModel') return
  const { reader, outbox, log } = context
  const { taskId, round, subject: cohort } = facts
  for (const validator of await votersIn(context, facts)) {
    const isFirst = validator.toLowerCase() === facts.defendant.toLowerCase()
    if (isFirst || (await isAddedDefendant(reader, { caseId, account: validator }))) continue
    const proven = await readVoteProof(reader, { taskId, round, validator, cohort })
    const call = accuseVoterCall(reader.deployment, { caseId, facts, validator, ...proven })
    const duty = `court/voter/${caseId}/${validator.toLowerCase()}`
    const result = await outbox.post({ taskId, round, duty, call, endsAt })
    note(context, round, duty, result)
    if (result.status === 'sent')
      log.warn({ round, case: Number(caseId), validator }, 'accused another voter, too')
  }
}

/**
 * Carries out verdicts for the defendants that were added to closed cases, in the keepers' turn: penalties, or pay that the case still
 * keeps.
 */
export async function settleVoters(
  context: OracleContext,
  cases: readonly CourtCase[],
  block: Block,
): Promise<void> {
  for (const one of cases) {
    const { caseId, facts, state } = one
    if (!state.isClosed || !HAS_MORE.has(facts.kind)) continue
    for (const defendant of await leftIn(context, one, block))
      await settleVoter(context, { caseId, facts, defendant }, block)
  }
}

/** Defendants of a closed case who still answer in it. */
async function leftIn(
  { reader, docket }: OracleContext,
  { caseId, openedBlock }: CourtCase,
  { number: blockNumber, reorganised }: Block,
): Promise<Address[]> {
  const known = reorganised ? undefined : docket.voters.get(caseId)
  const added = known ?? (await readAddedDefendants(reader, { caseId, openedBlock, blockNumber }))
  const left: Address[] = []
  for (const account of added) if (await isAddedDefendant(reader, { caseId, account })) left.push(account)
  docket.voters.set(caseId, left)
  return left
}

async function settleVoter(context: OracleContext, of: ExecuteForParameters, block: Block): Promise<void> {
  const { caseId, facts, defendant } = of
  const { taskId, round, accused: seed } = facts
  if (!(await isCourtTurn(context, { seed, round, dueAt: undefined }, block))) return
  const duty = `keeper/execute-for/${caseId}/${defendant.toLowerCase()}`
  const call = executeForCall(context.reader.deployment, of)
  const result = await context.outbox.post({ taskId, round, duty, call })
  note(context, round, duty, result)
  if (result.status === 'sent')
    context.log.info(
      { round, case: Number(caseId), defendant },
      'carried out a verdict for another defendant',
    )
}

async function votersIn(
  { reader }: OracleContext,
  { taskId, round, subject, accused }: CourtCase['facts'],
): Promise<Address[]> {
  const votes =
    subject === ROOT_COHORT
      ? (await readModelVotes(reader, { taskId, round })).map((vote) => ({ ...vote, cohort: ROOT_COHORT }))
      : await readAggregateVotes(reader, { taskId, round })
  return votes
    .filter(({ cohort, hash }) => cohort === subject && hash === accused)
    .map(({ validator }) => validator)
}
