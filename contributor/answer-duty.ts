import { caseStage } from '@assay/sdk/protocol/cases.ts'
import { postOpeningCall } from '@assay/sdk/verbs/court/post-opening.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readRoundBasis } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'
import { acceptedWork } from './open-duty.ts'
import { fieldsOf, type Work } from './work-log.ts'

/** What is accused isn't on record: what its operator can still do. */
const WITHOUT_RECORD = {
  opening: (caseId: bigint) =>
    `accused of withholding an opening that is not on record: restore the data directory and start again, or post it by hand: assay case answer ${caseId}`,
  window: (caseId: bigint) =>
    `asked in case ${caseId} for a window that is not on record: restore the data directory and start again, or stake is lost`,
}

type Opened = Pick<CourtCase, 'caseId' | 'facts'>

/**
 * Answers cases that accuse this contributor of withholding an opening: posts the fields from its records at once.
 *
 * @param at.cases against this contributor, while one of them is open
 */
export async function answerDuty(
  context: ContributorContext,
  { block, cases }: Pick<Moment, 'block'> & { cases: readonly CourtCase[] },
): Promise<void> {
  for (const one of cases) {
    const { kind, round } = one.facts
    if (kind !== 'openingWithheld' || context.behaviour.shouldOpen?.(round) === false) continue
    await answer(context, one, block)
  }
}

async function answer(
  context: ContributorContext,
  { caseId, facts, state }: CourtCase,
  block: Moment['block'],
): Promise<void> {
  const { reader, outbox, log, told } = context
  const { taskId, round, challenger } = facts
  const terms = { appealSeconds: 0, lastInstance: 0 } // of cases with a panel alone
  const stage = caseStage(facts.kind, state, terms, Number(block.timestamp))
  if (stage.name !== 'answer') return

  const work = await accusedWork(context, { caseId, facts })
  if (work === undefined) return
  const call = postOpeningCall(reader.deployment, { caseId, facts, fields: fieldsOf(work) })
  const name = { taskId, round, duty: `answer/${caseId}` }
  const result = await outbox.post({ ...name, call, endsAt: stage.until })
  if (result.status === 'sent')
    log.warn({ round, case: Number(caseId), challenger }, 'accused of withholding the opening: posted it')
  if ('reason' in result && told.isNews('answer', `${caseId} ${result.reason}`))
    log.error({ round, case: Number(caseId), reason: result.reason }, 'the answer to a case was refused')
}

/** The work that a case is about: from the records, or done once more. Says once if there is none. */
export async function accusedWork(
  context: ContributorContext,
  { caseId, facts }: Opened,
): Promise<Work | undefined> {
  const { works, reader, log, told } = context
  const { taskId, round, accused } = facts
  const isAccused = ({ commitment }: Work) => commitment === accused
  const kept = works.works(taskId, round).find(isAccused)
  if (kept !== undefined) return kept

  const repeated = await acceptedWork(context, round, () => readRoundBasis(reader, { taskId, round })).catch(
    (error: unknown) => ({ error }),
  )
  if (repeated !== undefined && 'id' in repeated && isAccused(repeated)) return repeated
  if (told.isNews('accused', String(caseId)))
    log.error(
      { round, case: Number(caseId), commitment: accused, reason: reasonOf(repeated) },
      WITHOUT_RECORD[facts.kind === 'windowWithheld' ? 'window' : 'opening'](caseId),
    )
  return undefined
}

function reasonOf(repeated: Work | { error: unknown } | undefined): string {
  if (repeated === undefined || !('error' in repeated)) return 'no work gives this commitment'
  return repeated.error instanceof Error ? repeated.error.message : String(repeated.error)
}
