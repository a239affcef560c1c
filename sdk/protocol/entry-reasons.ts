/**
 * What an entry of a score sheet says beside its class: the twin of the table in contracts/libraries/ScoreWords.sol. An entry without
 * a quality above 0 has no rarity; its bits hold the number of a reason. Verdicts don't depend on it.
 */
import {
  GATE_FAILED,
  MAX_QUALITY,
  MISSED,
  NO_DECISION,
  NOT_AUDITED,
  RARITY_UNIT,
  type ScoreEntry,
  scoreEntry,
  TASK_FAULT,
} from './score-words.ts'

/**
 * Why an update failed a gate, by number: the stage that it failed. S5 fails for four reasons: a replay that ended in another
 * state, samples that are the held-out pool's, samples on which the task's graph fails, targets that can't be true. No oracle says S3.
 */
export const GATE_REASONS = [
  'S0',
  'S1',
  'S2',
  'S3',
  'S4',
  'S5',
  'S5 samples',
  'S5 graph',
  'S5 targets',
] as const

/** Why an entry has quality 0: it was scored so, or this seat was shown none of its own windows. */
const ZERO_REASONS = ['scored', 'withheld'] as const

/** Why an update was not audited: it passed all that every update must and wasn't drawn, or there was no time to look at it. */
const UNAUDITED_REASONS = ['notDrawn', 'notLookedAt'] as const

export type GateReason = (typeof GATE_REASONS)[number]
type ZeroReason = (typeof ZERO_REASONS)[number]
type UnauditedReason = (typeof UNAUDITED_REASONS)[number]

/** What an entry says. `unknown`: nothing that this version knows; it still counts as its quality and windows say. */
export type EntryReason = GateReason | ZeroReason | UnauditedReason | 'undecided' | 'taskFault' | 'unknown'

/** The entry of an update that failed a gate. */
export function failedEntry(reason: GateReason): ScoreEntry {
  const windows = isReplay(reason) ? MISSED : 0
  return scoreEntry({ quality: GATE_FAILED, rarity: rarityOf(GATE_REASONS, reason), windows })
}

/** The entry of an update that was not audited. */
export function unauditedEntry(reason: UnauditedReason): ScoreEntry {
  return scoreEntry({ quality: NOT_AUDITED, rarity: rarityOf(UNAUDITED_REASONS, reason) })
}

/**
 * The entry of an update whose training was withheld from this seat.
 *
 * @param seen windows that it proved of held rounds, and what it says of other seats' windows
 */
export function withheldEntry(seen: Pick<ScoreEntry, 'windows' | 'withheld'>): ScoreEntry {
  return { ...seen, quality: 0, rarity: rarityOf(ZERO_REASONS, 'withheld') }
}

/**
 * The entry of an update that was audited, but that this seat's measurements can't tell from others.
 *
 * @param seen windows that it replayed, and what it says of other seats' windows
 */
export function undecidedEntry(seen: Pick<ScoreEntry, 'windows' | 'withheld'>): ScoreEntry {
  return { ...seen, quality: NO_DECISION, rarity: 0 }
}

/** What an entry says, whoever wrote it. */
export function entryReason({ quality, rarity, windows }: ScoreEntry): EntryReason {
  const number = rarity / RARITY_UNIT
  const isMiss = windows === MISSED
  if (quality === GATE_FAILED) {
    const reason = GATE_REASONS[number]
    return reason !== undefined && isReplay(reason) === isMiss ? reason : 'unknown'
  }
  if (isMiss) return 'unknown'
  if (quality === 0) return ZERO_REASONS[number] ?? 'unknown'
  if (quality <= MAX_QUALITY) return 'scored'
  if (quality === NOT_AUDITED) return UNAUDITED_REASONS[number] ?? 'unknown'
  if (number !== 0) return 'unknown'
  return quality === TASK_FAULT ? 'taskFault' : quality === NO_DECISION ? 'undecided' : 'unknown'
}

/** Whether a seat says so of its own windows with {@link MISSED} in its entry, and has to prove it. Targets are a judgement. */
function isReplay(reason: GateReason): boolean {
  return reason.startsWith('S5') && reason !== 'S5 targets'
}

function rarityOf<T>(reasons: readonly T[], reason: T): number {
  return RARITY_UNIT * reasons.indexOf(reason)
}
