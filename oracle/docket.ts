import type { CaseVerdict, PanelState } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { PassClaim } from '@assay/sdk/verbs/court/accuse-pass.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { type CourtTerms, readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import type { WindowRequest } from '@assay/sdk/verbs/court/read-window-requests.ts'
import type { Address } from 'viem'
import type { ClosedTimes } from './closed-times.ts'
import { type JuryWork, openJuryWork } from './court/jury-work.ts'
import type { CheckedWord } from './court/words-to-check.ts'
import type { liveRoster } from './keeper-turn.ts'
import type { OracleContext } from './oracle-context.ts'
import type { WithheldRound } from './withheld-openings.ts'

/** What an oracle remembers of the court, for as long as it runs. */
export type Docket = {
  /** Cases that are closed: nothing changes in them any more. */
  closed: Map<bigint, CourtCase>
  /** The newest panels of open cases, as read last: what jurors were drawn for stays so. */
  panels: Map<bigint, PanelState>
  /** They never change. */
  terms: CourtTerms | undefined
  /** When the last closed rounds did, by number. */
  closings: Map<number, ClosedTimes>
  /** Openings that were withheld in closed rounds, by number. */
  withheld: Map<number, WithheldRound>
  /** What was said falsely in closed rounds, by number. */
  audited: Map<number, readonly CheckedWord[]>
  /** Accusations that this oracle has committed to: it goes on with them when its turn is over, too. */
  committed: Set<string>
  /** What this oracle found of its own words in cases against it. */
  defences: Map<bigint, { verdict: CaseVerdict | undefined }>
  /** Who claims to have replayed the windows of open cases about steps. */
  passes: Map<bigint, readonly PassClaim[]>
  /** Who else still answers in closed cases, besides their first defendants. */
  voters: Map<bigint, Address[]>
  /** Windows that this oracle and a second seat said were withheld from them in closed rounds, by number. */
  asked: Map<number, readonly WindowRequest[]>
  /** Closed cases of which this oracle has no seat left to settle. */
  settled: Set<bigint>
  /** This account's places in panels, by their number and the time of their draw. */
  seats: Map<bigint, { drawnAt: number; place: number | undefined }>
  /** Who takes turns at the court, as of a block. */
  roster: { at: bigint; roster: Awaited<ReturnType<typeof liveRoster>> } | undefined
  /** The block at which this account's place in the jury was read, and whether it has one. */
  place: { at: bigint; isJuror: boolean } | undefined
  /** What it finds out as a juror. */
  jury: JuryWork
  /** What this account committed to in panels, by their number and the time of their draw. */
  commitments: Map<bigint, { drawnAt: number; digest: Hash }>
  /** What it finds out about suspended verdicts. */
  polls: JuryWork
  /** Cases about its own scores whose updates it gave to the stores once more, and whether it had the accused one. */
  shown: Map<bigint, boolean>
}

export function openDocket(): Docket {
  return {
    closed: new Map(),
    panels: new Map(),
    terms: undefined,
    closings: new Map(),
    withheld: new Map(),
    audited: new Map(),
    committed: new Set(),
    defences: new Map(),
    passes: new Map(),
    voters: new Map(),
    asked: new Map(),
    settled: new Set(),
    seats: new Map(),
    roster: undefined,
    place: undefined,
    jury: openJuryWork(),
    commitments: new Map(),
    polls: openJuryWork(),
    shown: new Map(),
  }
}

/** Forgets what a reorganisation may have changed: a case or a panel with the same number may be another one. */
export function forgetBranch(docket: Docket): void {
  const { closed, panels, closings, settled, seats, commitments, defences, shown } = docket
  for (const known of [closed, panels, closings, settled, seats, commitments, defences, shown]) known.clear()
  for (const known of [docket.withheld, docket.audited, docket.asked]) known.clear()
  for (const work of [docket.jury, docket.polls]) work.forget(() => true)
}

/** The court's terms, read once. */
export async function courtTerms({ docket, reader }: OracleContext): Promise<CourtTerms> {
  docket.terms ??= await readCourtTerms(reader)
  return docket.terms
}
