import { clockOf } from '@assay/oracle/deadlines.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { iJuryAbi } from '@assay/sdk/generated/IJury.ts'
import {
  type CaseStage,
  type CaseTerms,
  caseStage,
  commitEndOf,
  type PanelTerms,
} from '@assay/sdk/protocol/cases.ts'
import { type CourtCase, readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { type CourtTerms, readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'

/** When something is due at the court. */
export type CourtClock = {
  /** Unix seconds of the chain at which something becomes due there; `now` for what is due already. */
  deadlines(now: number, waiting: number): Promise<number[]>
  /** Whether a case is open. */
  isBusy(): Promise<boolean>
}

/** Blocks without a transaction after which nobody is waited for who hasn't committed: it waits for what may never come. */
const QUIET_BLOCKS = 4
/** Deadlines so many seconds apart are met by one block: from a juror's last call to the end of commitments it is longer. */
const TOGETHER_SECONDS = 10

/** Watches the cases of a task. Jurors compute between two blocks and commit at the next one: time must not run away from them. */
export function openCourtClock(reader: AssayReader, taskId: bigint): CourtClock {
  let quietBlocks = 0
  let terms: CourtTerms | undefined
  const openCases = async () => (await readCases(reader, { taskId })).filter(({ state }) => !state.isClosed)
  return {
    isBusy: async () => (await openCases()).length > 0,
    deadlines: async (now, waiting) => {
      const cases = await openCases()
      terms ??= await readCourtTerms(reader)
      const awaited = await Promise.all(cases.map((one) => waitsForJurors(reader, one)))
      const isVoting = awaited.some(Boolean)
      quietBlocks = waiting === 0 && isVoting ? quietBlocks + 1 : 0
      const due = cases.map((one) => dueAt(one, terms!, now))
      return isVoting && quietBlocks < QUIET_BLOCKS ? [now, ...due] : due
    },
  }
}

/**
 * The time of the next block: that of the first deadline, or of a later one close to it, but never after the phase; now if something
 * is due.
 */
export function nextBlockTime(deadlines: readonly number[], phaseEnd: number, now: number): number {
  const first = Math.min(...deadlines, phaseEnd)
  if (first <= now) return now
  const last = Math.min(first + TOGETHER_SECONDS, phaseEnd)
  return Math.max(first, ...deadlines.filter((time) => time <= last))
}

/** Whether jurors of a case's panel may still commit. */
async function waitsForJurors({ chain, deployment }: AssayReader, { state, openedBlock }: CourtCase) {
  const { panel } = state
  if (panel?.status !== 'committing') return false
  const votes = await chain.getContractEvents({
    address: deployment.contracts.jury,
    abi: iJuryAbi,
    eventName: 'VoteCommitted',
    args: { panelId: panel.id },
    fromBlock: openedBlock,
  })
  return votes.length < panel.places.length
}

/** When a case next needs a block, in unix seconds; `now` if something is due already. */
export function dueAt(
  { facts, state }: Pick<CourtCase, 'facts' | 'state'>,
  terms: CaseTerms & PanelTerms,
  now: number,
): number {
  const stage = caseStage(facts.kind, state, terms, now)
  const { panel } = state
  if (stage.name !== 'votes' || panel?.status !== 'committing') return timeOf(stage) ?? now
  // Who misses something waits for it until the last call, and needs blocks after that to vote.
  return now + clockOf({ start: panel.drawnAt, end: commitEndOf(panel, terms) }, now).secondsLeft
}

function timeOf(stage: CaseStage): number | undefined {
  if ('until' in stage) return stage.until
  return stage.name === 'execution' ? stage.from : undefined
}
