import type { Block } from '@assay/daemon/clock.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { isTurnOf, liveRoster } from '../keeper-turn.ts'
import type { OracleContext } from '../oracle-context.ts'

/** What a call at the court is about that one is enough to make, and since when it is due, in unix seconds. */
export type CourtTurn = { seed: Hash; round: number; dueAt: number | undefined }

/** Whether it is this validator's turn to make such a call. Who takes turns is read once a block. */
export async function isCourtTurn(context: OracleContext, turn: CourtTurn, block: Block): Promise<boolean> {
  const { docket } = context
  if (docket.roster?.at !== block.number)
    docket.roster = { at: block.number, roster: await liveRoster(context) }
  return isTurnOf(context, docket.roster.roster, { ...turn, phase: 'Idle' }, block)
}
