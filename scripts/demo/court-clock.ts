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
import { type CourtCase, readCaseState, readOpenedCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { type CourtTerms, readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'

/** A block is due from then on, and comes by the latest time without harm. Both in unix seconds of the chain. */
export type BlockDue = { at: number; latest: number }

/** When something is due at the court. */
export type CourtClock = {
  /** What becomes due there; now for what is due already. Empty when no case is open. */
  deadlines(now: number, waiting: number): Promise<BlockDue[]>
}

/** Blocks without a transaction after which nobody is waited for who hasn't committed: it waits for what may never come. */
const QUIET_BLOCKS = 4
/** How much later than its deadline a block may come: less than half of what jurors have to reveal, or others to appeal. */
const TOGETHER_SECONDS = 25

/** Watches the cases of a task. Jurors compute between two blocks and commit at the next one: time must not run away from them. */
export function openCourtClock(reader: AssayReader, taskId: bigint): CourtClock {
  let quietBlocks = 0
  let terms: CourtTerms | undefined
  const closed = new Set<bigint>()
  const openCases = async (): Promise<CourtCase[]> => {
    const blockNumber = await reader.chain.getBlockNumber({ cacheTime: 0 })
    const opened = await readOpenedCases(reader, { taskId, blockNumber })
    const left = opened.filter(({ caseId }) => !closed.has(caseId))
    const cases = await Promise.all(
      left.map(async (one) => ({ ...one, state: await readCaseState(reader, { ...one, blockNumber }) })),
    )
    for (const { caseId, state } of cases) if (state.isClosed) closed.add(caseId)
    return cases.filter(({ state }) => !state.isClosed)
  }
  return {
    deadlines: async (now, waiting) => {
      const cases = await openCases()
      terms ??= await readCourtTerms(reader)
      const awaited = await Promise.all(cases.map((one) => waitsForJurors(reader, one)))
      const isVoting = awaited.some(Boolean)
      quietBlocks = waiting === 0 && isVoting ? quietBlocks + 1 : 0
      const due = cases.map((one, at) => dueAt(one, { terms: terms!, now, isAwaited: awaited[at]! }))
      return isVoting && quietBlocks < QUIET_BLOCKS ? [{ at: now, latest: now }, ...due] : due
    },
  }
}

/**
 * The time of the next block: now if something is due, else as late as harms nobody, so that one block meets several deadlines, but
 * never after the end of the round's phase.
 */
export function nextBlockTime(deadlines: readonly BlockDue[], phaseEnd: number, now: number): number {
  const all = [...deadlines, { at: phaseEnd, latest: phaseEnd }]
  const latest = Math.min(...all.map((due) => due.latest))
  return Math.max(now, ...all.map(({ at }) => at).filter((at) => at <= latest))
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

/**
 * When a case next needs a block.
 *
 * @param isAwaited whether jurors may still commit. Who misses something waits for it until the last call; after that it votes, which
 * takes two blocks before commitments end
 */
export function dueAt(
  { facts, state }: Pick<CourtCase, 'facts' | 'state'>,
  { terms, now, isAwaited }: { terms: CaseTerms & PanelTerms; now: number; isAwaited: boolean },
): BlockDue {
  const { panel } = state
  if (panel?.status !== 'committing') {
    const at = timeOf(caseStage(facts.kind, state, terms, now))
    return at === undefined ? { at: now, latest: now } : { at, latest: at + TOGETHER_SECONDS }
  }
  const end = commitEndOf(panel, terms)
  if (!isAwaited) return { at: end, latest: end + TOGETHER_SECONDS }
  const { lastCall, secondsLeft } = clockOf({ start: panel.drawnAt, end }, now)
  const at = lastCall ? now : now + secondsLeft
  return { at, latest: at }
}

function timeOf(stage: CaseStage): number | undefined {
  if ('until' in stage) return stage.until
  return stage.name === 'execution' ? stage.from : undefined
}
