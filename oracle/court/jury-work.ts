import { signalWithin } from '@assay/daemon/time-limit.ts'
import type { PanelState } from '@assay/sdk/protocol/cases.ts'
import { WINDOW_DIFFERS } from '@assay/sdk/protocol/jury-votes.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import { LONGEST_TIMER_MS } from '../deadlines.ts'
import type { OracleContext } from '../oracle-context.ts'
import { reasonOf } from '../verify/case.ts'
import { fetchCaseEvidence } from './case-evidence.ts'
import { evidenceFor } from './find-false.ts'
import { keepReadStep } from './kept-steps.ts'
import { fetchDelivered } from './read-delivery.ts'
import { readClosedRound } from './recompute/closed-round.ts'
import { RECOMPUTATIONS, type Recomputed } from './recompute/recompute.ts'
import { atDeskOf } from './task-desk.ts'

/** A case whose last panel was drawn. */
export type PanelCase = CourtCase & { state: { panel: PanelState } }

/** What a juror has found out so far. */
export type Look = {
  /** Unix seconds of the block at which it began. */
  at: number
  /** Undefined while it goes on. */
  found: Recomputed | undefined
  /** Whether another look can find something else. */
  isFinal: boolean
  /** Why there is no value. */
  reason: string | undefined
  /** What a juror answers if the look isn't over in time. */
  ifLate: 'missing' | 'cannot'
}

export type LookTerms = {
  /** Unix seconds of the current block. */
  at: number
  ms: number
  blockNumber: bigint
  /** Whether the held-out pool of the own task counts as evidence: it is proven by the root that the chain has. */
  hasOwnPool?: boolean
}

/** A juror's work, besides the rounds: one look at a time for each panel. */
export type JuryWork = {
  /** The newest look for a panel. */
  look(panelId: bigint): Look | undefined
  /** Begins a look, which ends after so many milliseconds at the latest. */
  begin(context: OracleContext, one: PanelCase, how: LookTerms): void
  /** Forgets what was found for panels that are over. */
  forget(isOver: (panelId: bigint) => boolean): void
  /** Waits until all looks are over. */
  tried(): Promise<void>
}

export function openJuryWork(): JuryWork {
  const looks = new Map<bigint, Look>()
  const running = new Set<Promise<void>>()
  return {
    look: (panelId) => looks.get(panelId),
    begin: (context, one, { at, ms, ...terms }) => {
      const ifLate = ifOutOfReach(one)
      const look: Look = { at, found: undefined, isFinal: false, reason: undefined, ifLate }
      looks.set(one.state.panel.id, look)
      const delayMs = Math.min(Math.ceil(ms), LONGEST_TIMER_MS)
      const signal = signalWithin(context, delayMs)
      const work = lookAt(context, one, { ...terms, look, signal })
      running.add(work)
      void work.finally(() => running.delete(work))
    },
    forget: (isOver) => {
      for (const panelId of looks.keys()) if (isOver(panelId)) looks.delete(panelId)
    },
    tried: async () => {
      await Promise.all(running)
    },
  }
}

type Looking = Omit<LookTerms, 'at' | 'ms'> & { look: Look; signal: AbortSignal }

/** Never throws: what went wrong is the look's reason. */
async function lookAt(context: OracleContext, one: PanelCase, looking: Looking): Promise<void> {
  const { look, signal } = looking
  try {
    const found = await untilAborted(signal, () => recompute(context, one, looking))
    look.isFinal = found !== 'missing'
    if (found === 'missing') look.reason = 'the evidence is not there, or does not hold'
    if (found === 'cannot') look.reason = 'the value can not be computed'
    look.found = found
  } catch (error) {
    look.reason = reasonOf(error)
    const isOutOfReach = signal.aborted || error instanceof StoreError
    look.found = isOutOfReach ? look.ifLate : 'cannot'
  }
}

/**
 * What a juror says while the stores don't answer. Of evidence that a case names it costs the challenger the bond, and nobody else
 * anything. A window that the defendant owes is withheld only if the stores say so: else their outage would convict.
 */
function ifOutOfReach({ facts }: PanelCase): 'missing' | 'cannot' {
  return RECOMPUTATIONS[facts.kind]?.isDelivered ? 'cannot' : 'missing'
}

async function recompute(
  context: OracleContext,
  one: PanelCase,
  { look, signal, blockNumber, hasOwnPool }: Looking,
): Promise<Recomputed> {
  const { reader, store, account } = context
  const { facts } = one
  const how = RECOMPUTATIONS[facts.kind]
  if (how === undefined) return 'cannot'
  return atDeskOf(context, facts.taskId, async (desk) => {
    const { specHash } = await readTaskParams(reader, facts)
    const { spec } = await desk.bench.package(specHash)
    const { isEncrypted } = how
    const search = { blockNumber, signal, isEncrypted, maxBytes: how.maxEvidenceBytes(spec) }
    const own = hasOwnPool ? await ownPool(context, facts) : undefined
    const evidence =
      own ?? (await (how.isDelivered ? fetchDelivered : fetchCaseEvidence)(context, one, search))
    look.ifLate = 'cannot'
    const found = await how.recompute(
      { ...desk, reader, store, juror: account.address, signal },
      facts,
      evidence,
    )
    if (evidence !== undefined && typeof found !== 'string' && found.value === WINDOW_DIFFERS)
      await keepReadStep(context, facts, evidence)
    return found
  })
}

/** What jurors of a case about a word of the own task are shown, from this oracle's own shelf. */
async function ownPool(context: OracleContext, { kind, ...of }: PanelCase['facts']) {
  const isWord = kind === 'falseScore' || kind === 'falseModel'
  if (!isWord || of.taskId !== context.config.taskId) return undefined
  return evidenceFor(context, await readClosedRound(context.reader, of), { kind })
}
