import type { Block } from '@assay/daemon/clock.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { CANNOT_EXECUTE, isAbsence } from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readClosing } from '@assay/sdk/verbs/court/read-closing.ts'
import { readOwed } from '@assay/sdk/verbs/court/read-owed.ts'
import { type PanelSeat, readPanelSeats } from '@assay/sdk/verbs/court/read-seats.ts'
import { settleSeatCall } from '@assay/sdk/verbs/court/settle-seat.ts'
import { withdrawOwedCall } from '@assay/sdk/verbs/court/withdraw-owed.ts'
import { returnForfeitedCall } from '@assay/sdk/verbs/rounds/return-forfeited.ts'
import { readTaskFunds } from '@assay/sdk/verbs/tasks/read-task-funds.ts'
import { zeroHash } from 'viem'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { isCourtTurn } from './court-turn.ts'

/** Blocks between two looks at what the court owes: nobody waits for it. */
const MONEY_BLOCKS = 4n

/**
 * What closed cases leave to do: settles this juror's seats at once, and in the keepers' turn those of jurors that owe a penalty;
 * withdraws what the court owes, and returns forfeited pay to the task.
 */
export async function finishCases(
  context: OracleContext,
  cases: readonly CourtCase[],
  block: Block,
): Promise<void> {
  const closed = cases.filter(({ state }) => state.isClosed)
  for (const one of closed)
    if (!context.docket.settled.has(one.caseId)) await settleSeats(context, one, block)
  if (closed.length === 0 || block.number % MONEY_BLOCKS !== 0n) return
  await withdraw(context, cases)
  if (closed.some(({ facts, state }) => facts.taskId === context.config.taskId && state.verdict === 'guilty'))
    await returnForfeited(context, block)
}

/** A seat, and the instance of its panel. */
type Seat = PanelSeat & { instance: number }

async function settleSeats(context: OracleContext, one: CourtCase, block: Block): Promise<void> {
  const { reader, account, docket, config } = context
  const { caseId, facts, state } = one
  const own = account.address.toLowerCase()
  const { report } = await readClosing(reader, { caseId })
  const seats = await seatsOf(context, one)
  const ownSeats = seats.filter(({ juror }) => juror.toLowerCase() === own)
  const owing = seats.filter((seat) => !ownSeats.includes(seat) && owesPenalty(seat, report))
  const turn = { seed: facts.accused, round: facts.round, dueAt: state.readyAt }
  const isOfTask = facts.taskId === config.taskId
  const isTurn = isOfTask && owing.length > 0 && (await isCourtTurn(context, turn, block))
  let left = ownSeats.length + (isOfTask ? owing.length : 0)
  for (const seat of [...ownSeats, ...(isTurn ? owing : [])]) if (await settle(context, one, seat)) left -= 1
  if (left === 0) docket.settled.add(caseId)
}

async function seatsOf({ reader }: OracleContext, { state }: CourtCase): Promise<Seat[]> {
  const panels = state.panelIds.map(async (panelId, instance) => {
    const seats = panelId === 0n ? [] : await readPanelSeats(reader, { panelId })
    return seats.map((seat) => ({ ...seat, instance }))
  })
  return (await Promise.all(panels)).flat()
}

/** Whether the court slashes a juror for this: silence, or another value than the last panel's. */
function owesPenalty({ result }: Seat, report: Hash): boolean {
  if (result === undefined) return true
  if (report === zeroHash || isAbsence(report) || isAbsence(result)) return false
  return result !== report && result !== CANNOT_EXECUTE
}

/** @returns whether the seat is settled, by whomever */
async function settle(
  context: OracleContext,
  { caseId, facts }: CourtCase,
  { instance, place, juror }: Seat,
): Promise<boolean> {
  const { reader, outbox, config, log } = context
  const call = settleSeatCall(reader.deployment, { caseId, instance, place })
  const duty = `keeper/seat/${caseId}/${instance}/${place}`
  const result = await outbox.post({ taskId: config.taskId, round: 0, duty, call })
  note(context, facts.round, duty, result)
  if (result.status === 'sent') log.info({ case: Number(caseId), juror }, 'settled a seat')
  return (
    result.status === 'mined' || (result.status === 'refused' && result.errorName === 'Court_NoSeatToSettle')
  )
}

/** Takes what the court owes once no case of this account is open, so that one payment does. */
async function withdraw(context: OracleContext, cases: readonly CourtCase[]): Promise<void> {
  const { reader, account, outbox, config, log } = context
  const own = account.address.toLowerCase()
  if (cases.some(({ facts, state }) => !state.isClosed && facts.challenger.toLowerCase() === own)) return
  const owed = await readOwed(reader, { account: account.address })
  if (owed === 0n) return
  const call = withdrawOwedCall(reader.deployment, { account: account.address })
  const duty = `court/withdraw/${cases.length}/${owed}`
  const result = await outbox.post({ taskId: config.taskId, round: 0, duty, call })
  note(context, 0, duty, result)
  if (result.status === 'sent') log.info({ amount: amountText(owed, ASSAY) }, 'withdrew what the court owed')
}

/** Moves what verdicts took to the escrow, in the keepers' turn. */
async function returnForfeited(context: OracleContext, block: Block): Promise<void> {
  const { reader, outbox, config } = context
  const { taskId } = config
  const { forfeited, credited } = await readTaskFunds(reader, { taskId, blockNumber: block.number })
  if (forfeited === 0n) return
  if (!(await isCourtTurn(context, { seed: zeroHash, round: 0, dueAt: undefined }, block))) return
  const duty = `keeper/return-forfeited/${credited}/${forfeited}`
  const call = returnForfeitedCall(reader.deployment, { taskId })
  note(context, 0, duty, await outbox.post({ taskId, round: 0, duty, call }))
}
