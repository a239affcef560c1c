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
import { committedSalt, hasCommitted } from './court-commitment.ts'
import { courtTerms } from './docket.ts'
import { isTurnOf, liveRoster } from './keeper-turn.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import { findWithheld, type WithheldRound } from './withheld-openings.ts'

type Moment = { state: RoundState; block: Block; cases: readonly CourtCase[] }

/**
 * Accuses contributors of the last closed round whose opening nobody has, in the keepers' turn and within the budget. Each once: a
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
  const { reader, config } = context
  const round = state.phase === 'Idle' ? state.round : state.round - 1
  const known = round < 1 ? undefined : await withheldIn(context, round, block)
  if (known === undefined || known.withheld.length === 0) return
  const params = await readTaskParams(reader, { taskId: config.taskId })
  const finalAt = known.closedAt + params.challengeSeconds
  if (Number(block.timestamp) >= finalAt) return

  const bond = withholdingBond(params.contributorStake, await courtTerms(context))
  const left = known.withheld.filter(({ contributor }) => !isAccused(cases, round, contributor))
  for (const submission of left) {
    const turn = { seed: submission.commitment, round, phase: 'Idle', dueAt: known.closedAt } as const
    const { contributor } = submission
    const accusation = withholdingAccusation(
      { taskId: config.taskId, round, contributor },
      context.account.address,
    )
    const isDue =
      hasCommitted(context, accusation) || isTurnOf(context, await liveRoster(context), turn, block)
    if (!isDue) continue
    await accuse(context, known, { submission, bond, cases, finalAt, block })
  }
}

/** The round's withheld openings, searched once; anew after a reorganisation. */
async function withheldIn(
  context: OracleContext,
  round: number,
  block: Block,
): Promise<WithheldRound | undefined> {
  const { docket } = context
  if (block.reorganised || docket.withheld?.round !== round)
    docket.withheld = await findWithheld(context, { round, blockNumber: block.number })
  return docket.withheld
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
