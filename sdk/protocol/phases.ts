/**
 * The phase table of a round: what each phase allows, who acts, how it ends and what happens when nobody acts. The contracts have
 * the same table (`contracts/libraries/Phases.sol`), `docs/protocol.md` prints it, daemons and the command line read it.
 */

/** Unix seconds of a round at which a phase ends by the clock, as `readRound` names them. */
export type PhaseEnd =
  | 'submitEnd'
  | 'openEnd'
  | 'commitEnd'
  | 'revealEnd'
  | 'redrawCommitEnd'
  | 'redrawRevealEnd'
  | 'cohortVoteEnd'
  | 'rootVoteEnd'

/** Functions of Rounds that belong to phases. Claims and collections belong to none: they are possible at any time. */
export type PhaseCall =
  | 'openRound'
  | 'submit'
  | 'submitBatch'
  | 'closeSubmissions'
  | 'seal'
  | 'commitScores'
  | 'revealScores'
  | 'settle'
  | 'redrawCommittees'
  | 'voidCohort'
  | 'voteAggregates'
  | 'voteModel'
  | 'finalizeRound'

type Row = {
  name: string
  /** What Rounds accepts. */
  allows: readonly PhaseCall[]
  /** Who has something to do, for people. */
  acts: string
  /** How it ends, for people. */
  ends: string
  /** The time at which the clock ends it; undefined where a call does. */
  endsAt?: PhaseEnd
  /** The keeper's call that is due while the phase lasts. */
  due?: PhaseCall
  /** What happens when nobody acts, for people. */
  otherwise: string
}

/** In the order of the contract's enum. Phases that end in `Due` wait for a call that anyone can make. */
export const PHASE_TABLE = [
  {
    name: 'Idle',
    allows: ['openRound'],
    acts: 'anyone: `openRound`',
    ends: 'by `openRound`',
    due: 'openRound',
    otherwise: 'no round; after 14 days see [held pay](#held-pay)',
  },
  {
    name: 'Submit',
    allows: ['submit', 'submitBatch'],
    acts: 'contributors: `submit`; relayers: `submitBatch`',
    ends: 'by the clock',
    endsAt: 'submitEnd',
    otherwise: 'not part of this round, no fault',
  },
  {
    name: 'CloseDue',
    allows: ['closeSubmissions'],
    acts: 'anyone: `closeSubmissions`',
    ends: 'by that call',
    due: 'closeSubmissions',
    otherwise: 'the round waits',
  },
  {
    name: 'SealDue',
    allows: ['seal'],
    acts: 'anyone: `seal`',
    ends: 'by that call',
    due: 'seal',
    otherwise: 'a beacon that expires, or is silent for a day, voids the round',
  },
  {
    name: 'Open',
    allows: [],
    acts: 'contributors publish in the store',
    ends: 'by the clock',
    endsAt: 'openEnd',
    otherwise: "what isn't opened fails S0",
  },
  {
    name: 'Commit',
    allows: ['commitScores'],
    acts: 'seats: `commitScores`',
    ends: 'by the clock',
    endsAt: 'commitEnd',
    otherwise: "the seat can't reveal",
  },
  {
    name: 'Reveal',
    allows: ['revealScores'],
    acts: 'seats: `revealScores`',
    ends: 'by the clock',
    endsAt: 'revealEnd',
    otherwise: 'the seat missed a duty',
  },
  {
    name: 'RedrawCommit',
    allows: ['commitScores', 'settle', 'redrawCommittees'],
    acts: 'second seats: `commitScores`; anyone: `settle`, `redrawCommittees`',
    ends: 'by the clock',
    endsAt: 'redrawCommitEnd',
    otherwise: 'as 5',
  },
  {
    name: 'RedrawReveal',
    allows: ['revealScores', 'settle', 'redrawCommittees'],
    acts: 'second seats: `revealScores`; anyone: `settle`, `redrawCommittees`',
    ends: 'by the clock',
    endsAt: 'redrawRevealEnd',
    otherwise: 'as 6; no majority again: see 9',
  },
  {
    name: 'SettleDue',
    allows: ['settle', 'voidCohort'],
    acts: 'anyone: `settle`, `voidCohort`',
    ends: 'when all cohorts are done',
    due: 'settle',
    otherwise: 'the round waits',
  },
  {
    name: 'CohortVote',
    allows: ['voteAggregates', 'voteModel'],
    acts: 'seats: `voteAggregates`; root seats: `voteModel`',
    ends: 'all root seats voted, or the clock',
    endsAt: 'cohortVoteEnd',
    otherwise: 'left out of the next model',
  },
  {
    name: 'RootVote',
    allows: ['voteModel'],
    acts: 'root seats: `voteModel`',
    ends: 'all root seats voted, or the clock',
    endsAt: 'rootVoteEnd',
    otherwise: 'the base model stays, a missed duty',
  },
  {
    name: 'FinalizeDue',
    allows: ['finalizeRound'],
    acts: 'anyone: `finalizeRound`',
    ends: 'by that call',
    due: 'finalizeRound',
    otherwise: 'the round waits',
  },
] as const satisfies readonly Row[]

export type Phase = (typeof PHASE_TABLE)[number]['name']

/** The names alone, in the order of the contract's enum. */
export const PHASES: readonly Phase[] = PHASE_TABLE.map(({ name }) => name)

/**
 * What the table says of a phase.
 *
 * @example phaseRow('CloseDue').due // 'closeSubmissions'
 */
export function phaseRow(phase: Phase): Row {
  return PHASE_TABLE.find(({ name }) => name === phase)!
}

/**
 * When the clock ends the phase that a round is in.
 *
 * @param round its phase, and its times in unix seconds
 * @returns unix seconds; undefined where a call ends the phase
 */
export function phaseEnd(
  round: { phase: Phase } & Partial<Record<PhaseEnd, number | undefined>>,
): number | undefined {
  const { endsAt } = phaseRow(round.phase)
  return endsAt === undefined ? undefined : round[endsAt]
}

/** The task's terms that phases depend on, in seconds. */
export type PhaseSeconds = {
  openSeconds: number
  commitSeconds: number
  revealSeconds: number
  aggregateSeconds: number
}

/** The fields of a round that phases depend on; times in unix seconds, 0 before they are fixed. */
export type PhaseState = {
  /** 0 idle, 1 submissions, 2 waiting for the beacon, 3 scoring, 4 aggregating, 5 every root seat has voted. */
  status: number
  submitEnd: number
  sealedAt: number
  doneAt: number
  cohortsDone: number
  cohortsVoid: number
}

/** Ends of the phases that count from the seal. */
export function endsSinceSeal(sealedAt: number, terms: PhaseSeconds) {
  const openEnd = sealedAt + terms.openSeconds
  const commitEnd = openEnd + terms.commitSeconds
  const revealEnd = commitEnd + terms.revealSeconds
  const redrawCommitEnd = revealEnd + terms.commitSeconds
  return {
    openEnd,
    commitEnd,
    revealEnd,
    redrawCommitEnd,
    redrawRevealEnd: redrawCommitEnd + terms.revealSeconds,
  }
}

/** Ends of the votes, which count from the moment at which all cohorts were done. */
export function endsOfVotes(doneAt: number, { aggregateSeconds }: PhaseSeconds) {
  return { cohortVoteEnd: doneAt + aggregateSeconds, rootVoteEnd: doneAt + 2 * aggregateSeconds }
}

/** The longest that a round may take, in seconds: with its redraw and its votes. Twin of `roundSeconds` in TaskBounds. */
export function longestRoundSeconds(terms: PhaseSeconds & { submitSeconds: number }): number {
  const { redrawRevealEnd } = endsSinceSeal(0, terms)
  const { rootVoteEnd } = endsOfVotes(0, terms)
  return terms.submitSeconds + redrawRevealEnd + rootVoteEnd
}

/**
 * The phase of a round. Twin of `Phases.beforeSeal` and `Phases.sinceSeal`.
 *
 * @param time unix seconds
 */
export function phaseAt(round: PhaseState, terms: PhaseSeconds, time: number): Phase {
  if (round.status === 0) return 'Idle'
  if (round.status === 1) return time < round.submitEnd ? 'Submit' : 'CloseDue'
  if (round.status === 2) return 'SealDue'
  if (round.status === 3) return scoringPhase(round.sealedAt, terms, time)
  if (round.status === 5 || round.cohortsVoid === round.cohortsDone) return 'FinalizeDue'
  const { cohortVoteEnd, rootVoteEnd } = endsOfVotes(round.doneAt, terms)
  if (time < cohortVoteEnd) return 'CohortVote'
  return time < rootVoteEnd ? 'RootVote' : 'FinalizeDue'
}

function scoringPhase(sealedAt: number, terms: PhaseSeconds, time: number): Phase {
  const ends = endsSinceSeal(sealedAt, terms)
  if (time < ends.openEnd) return 'Open'
  if (time < ends.commitEnd) return 'Commit'
  if (time < ends.revealEnd) return 'Reveal'
  if (time < ends.redrawCommitEnd) return 'RedrawCommit'
  return time < ends.redrawRevealEnd ? 'RedrawReveal' : 'SettleDue'
}
