import type { Block } from '@assay/daemon/clock.ts'
import { verdictOf } from '@assay/sdk/protocol/cases.ts'
import { accusePassCall, type PassClaim, readPassClaims } from '@assay/sdk/verbs/court/accuse-pass.ts'
import { isAddedDefendant } from '@assay/sdk/verbs/court/read-added-cases.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readReport } from '@assay/sdk/verbs/court/read-report.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { isOutage, reasonOf } from '../verify/case.ts'
import { isCourtTurn } from './court-turn.ts'

/**
 * Accuses the seats that claim to have replayed a window which a panel found false, in the open case about its step, in the keepers'
 * turn. It takes no bond. A case that nobody has judged yet may be a sham: a seat's pay isn't frozen for that.
 */
export async function accusePasses(
  context: OracleContext,
  { block, cases }: { block: Block; cases: readonly CourtCase[] },
): Promise<void> {
  if ((context.config.courtBudgetWei ?? 0n) === 0n) return
  for (const one of cases) {
    if (one.facts.kind !== 'falseStep' || one.state.verdict !== 'none') continue
    try {
      await accuseIn(context, one, block)
    } catch (error) {
      if (!isOutage(error)) throw error
      if (context.told.isNews('claimed pass', `${one.caseId} ${reasonOf(error)}`))
        context.log.warn(
          { case: Number(one.caseId), reason: reasonOf(error) },
          'who claims to have replayed a false window can not be looked up now',
        )
    }
  }
}

async function accuseIn(context: OracleContext, one: CourtCase, block: Block): Promise<void> {
  const { reader, docket } = context
  const { caseId, facts, state } = one
  const { panel } = state
  if (panel?.status !== 'ended') return
  if (verdictOf(await readReport(reader, { panelId: panel.id }), facts) !== 'guilty') return
  const turn = { seed: facts.accused, round: facts.round, dueAt: panel.endsAt }
  if (!(await isCourtTurn(context, turn, block))) return
  const known = block.reorganised ? undefined : docket.passes.get(caseId)
  const claims = known ?? (await readPassClaims(reader, { facts }))
  docket.passes.set(caseId, claims)
  for (const claim of claims) await accuse(context, one, claim)
}

async function accuse(context: OracleContext, { caseId, facts }: CourtCase, claim: PassClaim): Promise<void> {
  const { reader, outbox, log, account } = context
  const { taskId, round } = facts
  const { validator } = claim
  // What it says itself it has computed itself: it appeals instead.
  const isParty = [account.address, facts.defendant].some(
    (one) => one.toLowerCase() === validator.toLowerCase(),
  )
  if (isParty || (await isAddedDefendant(context.reader, { caseId, account: validator }))) return
  const call = accusePassCall(reader.deployment, { caseId, facts, ...claim })
  const duty = `court/pass/${caseId}/${validator.toLowerCase()}`
  const result = await outbox.post({ taskId, round, duty, call })
  note(context, round, duty, result)
  if (result.status === 'sent')
    log.warn(
      { round, case: Number(caseId), validator, window: facts.subject },
      'accused a colleague of claiming that it replayed a false window',
    )
}
