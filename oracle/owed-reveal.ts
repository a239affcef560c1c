import type { Block } from '@assay/daemon/clock.ts'
import type { Phase } from '@assay/sdk/protocol/phases.ts'
import type { Attempt } from './duties.ts'
import type { OracleContext } from './oracle-context.ts'
import { readRoundAt } from './round-facts.ts'

/** Phases in which a sheet of either draw can still be revealed, now or later. */
const ATTEMPTS: Partial<Record<Phase, Attempt>> = { Commit: 0, Reveal: 0, RedrawCommit: 1, RedrawReveal: 1 }

/** Whether this oracle's commitment is on chain, or on its way there, and not revealed yet: only its database has the sheet. */
export async function owesReveal({ reader, config, outbox }: OracleContext, block: Block): Promise<boolean> {
  const { taskId } = config
  const { phase, round } = await readRoundAt(reader, taskId, block.number)
  const attempt = ATTEMPTS[phase]
  if (attempt === undefined) return false
  const committed = outbox.stateOf({ taskId, round, duty: `commit/${attempt}` })
  const revealed = outbox.stateOf({ taskId, round, duty: `reveal/${attempt}` })
  return committed !== 'none' && committed !== 'reverted' && revealed !== 'mined'
}
