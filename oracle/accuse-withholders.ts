import type { Block } from '@assay/daemon/clock.ts'
import { canPay } from '@assay/daemon/court-bonds.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { withholdingBond } from '@assay/sdk/protocol/cases.ts'
import { pageProof } from '@assay/sdk/protocol/page-proof.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { readUnopenable } from '@assay/sdk/verbs/canaries/read-unopenable.ts'
import { accuseWithholdingCall, withholdingAccusation } from '@assay/sdk/verbs/court/accuse-withholding.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import type { Submission } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { fetchOpening } from '@assay/store/opening-record.ts'
import { challengedRounds, lookAtNext } from './challenged-rounds.ts'
import { isCourtTurn } from './court/court-turn.ts'
import { committedSalt, hasCommitted } from './court-commitment.ts'
import { courtTerms } from './docket.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import { findWithheld, type WithheldRound } from './withheld-openings.ts'

type Moment = { state: RoundState; block: Block; cases: readonly CourtCase[] }

/**
 * Accuses contributors of closed rounds whose opening nobody has, in the keepers' turn and within the budget. Each once: a
 * case of another challenger counts, too.
 */
export async function accuseWithholders(context: OracleContext, moment: Moment): Promise<void> {
  const { config, log, told } = context
  if ((config.courtBudgetWei ?? 0n) === 0n) return
  try {
    await accuseAll(context, moment)
  } catch (error) {
    // Whether an opening is there can't be told now; the duties of the open round don't wait for it.
    if (!(error instanceof StoreError)) throw error
    if (told.isNews('withheld openings', error.message))
      log.warn({ reason: error.message }, 'no store says whether openings are withheld')
  }
}

async function accuseAll(context: OracleContext, { state, block, cases }: Moment): Promise<void> {
  const { reader, config, docket } = context
  const { contributorStake } = await readTaskParams(reader, { taskId: config.taskId })
  const bond = withholdingBond(contributorStake, await courtTerms(context))
  const rounds = await challengedRounds(context, { state, block })
  await lookAtNext(docket.withheld, rounds, ({ round }) => findWithheld(context, round))
  for (const { round, closedAt, finalAt } of rounds) {
    const known = docket.withheld.get(round)
    for (const submission of known?.withheld ?? []) {
      const { contributor } = submission
      if (isAccused(cases, round, contributor)) continue
      const turn = { seed: submission.commitment, round, dueAt: closedAt }
      const about = { taskId: config.taskId, round, contributor }
      const accusation = withholdingAccusation(about, context.account.address)
      if (!hasCommitted(context, accusation) && !(await isCourtTurn(context, turn, block))) continue
      await accuse(context, known!, { submission, bond, cases, finalAt, block })
    }
  }
}

function isAccused(cases: readonly CourtCase[], round: number, contributor: string): boolean {
  return cases.some(
    ({ facts }) =>
      facts.kind === 'openingWithheld' &&
      facts.round === round &&
      facts.defendant.toLowerCase() === contributor.toLowerCase(),
  )
}

type Accusation = {
  submission: Submission
  bond: bigint
  cases: readonly CourtCase[]
  finalAt: number
  block: Block
}

async function accuse(
  context: OracleContext,
  { round, submissions }: WithheldRound,
  { submission, bond, cases, finalAt, block }: Accusation,
): Promise<void> {
  const { reader, config, outbox, log } = context
  const { taskId } = config
  const { contributor, index, commitment } = submission
  // It may have come since the round was searched.
  if ((await fetchOpening(context.store, commitment)) !== undefined) return
  // A canary has none, and is refused by the contract.
  if (await readUnopenable(reader, { taskId, round, contributor })) return
  const purpose = 'a contributor withholds its opening'
  if (!(await canPay(context, { round, bond, cases, purpose }))) return

  const accusation = withholdingAccusation({ taskId, round, contributor }, context.account.address)
  const salt = await committedSalt(context, accusation, { block, endsAt: finalAt })
  if (salt === undefined) return
  const page = pageProof(submissions, index)
  const call = accuseWithholdingCall(reader.deployment, { taskId, round, contributor, page, salt })
  const duty = `court/accuse/${contributor.toLowerCase()}`
  const result = await outbox.post({ taskId, round, duty, call, endsAt: finalAt })
  note(context, round, duty, result)
  if (result.status === 'sent')
    log.warn(
      { round, contributor, bond: amountText(bond, ASSAY) },
      'accused a contributor of withholding its opening',
    )
}
