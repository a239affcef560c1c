import type { Block } from '@assay/daemon/clock.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { caseStage } from '@assay/sdk/protocol/cases.ts'
import { concludeCall } from '@assay/sdk/verbs/court/conclude.ts'
import { drawPanelCall } from '@assay/sdk/verbs/court/draw-panel.ts'
import { executeCall } from '@assay/sdk/verbs/court/execute.ts'
import { type CourtCase, readCaseState, readOpenedCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { type CourtTerms, readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { isTurnOf, liveRoster } from './keeper-turn.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import type { WithheldRound } from './withheld-openings.ts'

/** What an oracle remembers of the court, for as long as it runs. */
export type Docket = {
  /** Cases that are closed: nothing changes in them any more. */
  closed: Map<bigint, CourtCase>
  /** They never change. */
  terms: CourtTerms | undefined
  /** The last closed round that was searched for withheld openings. */
  withheld: WithheldRound | undefined
}

export function openDocket(): Docket {
  return { closed: new Map(), terms: undefined, withheld: undefined }
}

/** The court's terms, read once. */
export async function courtTerms({ docket, reader }: OracleContext): Promise<CourtTerms> {
  docket.terms ??= await readCourtTerms(reader)
  return docket.terms
}

/**
 * Has panels of the task's cases drawn, verdicts noted and carried out, in the keepers' turn: anyone can, and one is enough. So no case
 * keeps pay for ever, whether or not anybody sits as juror.
 *
 * @returns all cases of the task
 */
export async function endCases(context: OracleContext, block: Block): Promise<CourtCase[]> {
  const cases = await readAllCases(context, block)
  const own = context.account.address.toLowerCase()
  context.tally.openCases = cases.filter(
    ({ facts, state }) => !state.isClosed && facts.challenger.toLowerCase() === own,
  ).length
  for (const one of cases) if (!one.state.isClosed) await endCase(context, one, block)
  return cases
}

async function readAllCases(context: OracleContext, block: Block): Promise<CourtCase[]> {
  const { reader, config, docket } = context
  const blockNumber = block.number
  if (block.reorganised) docket.closed.clear()
  const opened = await readOpenedCases(reader, { taskId: config.taskId, blockNumber })
  return Promise.all(
    opened.map(async (one) => {
      const known = docket.closed.get(one.caseId)
      if (known !== undefined) return known
      const read = { ...one, state: await readCaseState(reader, { caseId: one.caseId, blockNumber }) }
      if (read.state.isClosed) docket.closed.set(one.caseId, read)
      return read
    }),
  )
}

async function endCase(context: OracleContext, one: CourtCase, block: Block): Promise<void> {
  const { caseId, facts, state } = one
  const terms = await courtTerms(context)
  const { name } = caseStage(facts.kind, state, terms, Number(block.timestamp))
  const call = callFor(context, name, one)
  if (call === undefined) return

  const { round, taskId } = facts
  const dueAt = Math.max(state.readyAt, (state.panel?.endsAt ?? 0) + terms.appealSeconds)
  const turn = { seed: facts.accused, round, phase: 'Idle', dueAt } as const
  if (!isTurnOf(context, await liveRoster(context), turn, block)) return
  const duty = `keeper/${name}/${caseId}/${state.instance}`
  const result = await context.outbox.post({ taskId, round, duty, call })
  note(context, round, duty, result)
  if (result.status === 'sent')
    context.log.info({ round, case: Number(caseId), defendant: facts.defendant }, name)
}

function callFor({ reader: { deployment } }: OracleContext, stage: string, of: CourtCase): Call | undefined {
  const { panel } = of.state
  if (stage === 'draw' && panel !== undefined) return drawPanelCall(deployment, { panelId: panel.id })
  if (stage === 'conclude') return concludeCall(deployment, of)
  return stage === 'execute' ? executeCall(deployment, of) : undefined
}
