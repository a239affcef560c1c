/** Score sheets as packed words: the twin of contracts/libraries/ScoreWords.sol. The layout is SCORE_ENTRY of `words.ts`. */
import { numberToHex } from 'viem'
import type { Hash } from './random.ts'
import { packWord, placesOf, SCORE_ENTRY, unpackWord } from './words.ts'

/** One seat's finding on one member of its cohort. */
export type ScoreEntry = {
  /** 0…10,000 bps, {@link NO_DECISION}, {@link TASK_FAULT}, {@link GATE_FAILED} or {@link NOT_AUDITED}. */
  quality: number
  /**
   * 0…20,000 bps; a sheet keeps it in units of {@link RARITY_UNIT}, rounded down. Without a quality above 0, it is the number of a
   * reason in these units: see `entry-reasons.ts`.
   */
  rarity: number
  /** Windows replayed without a miss, 0…2, or {@link MISSED}. */
  windows: number
  /** Which seats' windows were withheld from this seat, too: {@link WITHHELD_BY_DISTANCE}, added up. */
  withheld: number
}

/** A cohort's two words: entry j stands in word ⌊j / 8⌋ at bit 32·(j mod 8). */
export type Sheet = readonly [bigint, bigint]

/** What an entry says of the update. */
export type EntryClass = 'audited' | 'gateFailed' | 'taskFault' | 'notAudited'

export const MAX_QUALITY = 10_000
export const MAX_RARITY = 20_000
/**
 * Quality of an update that was audited, but whose score can't be told from any other: the contributor's running values stand in for
 * its Q and R.
 */
export const NO_DECISION = 16_380
/** Quality of an update that can't be judged by the task's fault: its own graphs fail on the base model too. */
export const TASK_FAULT = 16_381
/** Quality of an update that failed a gate. */
export const GATE_FAILED = 16_382
/** Quality of an update that the beacon didn't draw for an audit, or that could not be looked at in time. */
export const NOT_AUDITED = 16_383
/** Bps that a sheet's rarity counts in. */
export const RARITY_UNIT = 2
/** Bps. A settled rarity below this is none: so small are only the reasons of entries without quality. */
export const LEAST_RARITY = 32
/** Value of `windows` when a replay ended in another state than the committed one. */
export const MISSED = 3
/** What `withheld` says of the seat that stands one or two places before this one. */
export const WITHHELD_BY_DISTANCE = { 1: 1, 2: 2 } as const

/** Values of `windows` beside `withheld` in one field. */
const WINDOWS_VALUES = MISSED + 1

const ENTRY_BITS = placesOf(SCORE_ENTRY).reduce((sum, { bits }) => sum + bits, 0)
const ENTRIES_PER_WORD = 256 / ENTRY_BITS
const ENTRIES_PER_SHEET = 2 * ENTRIES_PER_WORD

/**
 * An entry of which only some fields say something; the others are 0.
 *
 * @example scoreEntry({ quality: NOT_AUDITED })
 */
export function scoreEntry(fields: Partial<ScoreEntry>): ScoreEntry {
  return { ...unpackEntry(0), ...fields }
}

/**
 * An entry as 32 bits.
 *
 * @throws RangeError for a field outside its range: the contract would refuse the sheet.
 */
export function packEntry({ quality, rarity, windows, withheld }: ScoreEntry): number {
  if (quality < NO_DECISION || quality > NOT_AUDITED) requireRange('quality', quality, MAX_QUALITY)
  requireRange('rarity', rarity, MAX_RARITY)
  requireRange('windows', windows, MISSED)
  requireRange('withheld', withheld, WITHHELD_BY_DISTANCE[1] + WITHHELD_BY_DISTANCE[2])
  const fields = [quality, Math.floor(rarity / RARITY_UNIT), windows + WINDOWS_VALUES * withheld].map(BigInt)
  return Number(packWord(SCORE_ENTRY, { quality: fields[0]!, rarity: fields[1]!, windows: fields[2]! }))
}

/** The fields of 32 bits, whether in range or not. */
export function unpackEntry(entry: number): ScoreEntry {
  const { quality, rarity, windows } = unpackWord(SCORE_ENTRY, BigInt(entry))
  return {
    quality: Number(quality),
    rarity: RARITY_UNIT * Number(rarity),
    windows: Number(windows) % WINDOWS_VALUES,
    withheld: Math.floor(Number(windows) / WINDOWS_VALUES),
  }
}

/** The two words of a cohort's entries, in position order. @throws RangeError for more than 16 or an invalid one. */
export function packSheet(entries: readonly ScoreEntry[]): [bigint, bigint] {
  if (entries.length > ENTRIES_PER_SHEET) {
    throw new RangeError(`${entries.length} entries: a sheet holds ${ENTRIES_PER_SHEET}`)
  }
  const words: [bigint, bigint] = [0n, 0n]
  entries.forEach((entry, j) => {
    const word = j < ENTRIES_PER_WORD ? 0 : 1
    words[word] |= BigInt(packEntry(entry)) << BigInt(ENTRY_BITS * (j % ENTRIES_PER_WORD))
  })
  return words
}

/** The first `size` entries of a sheet. */
export function unpackSheet(sheet: Sheet, size: number): ScoreEntry[] {
  return Array.from({ length: size }, (_, j) => unpackEntry(entryAt(sheet, j)))
}

/** Entry j of a sheet as 32 bits. */
export function entryAt(sheet: Sheet, j: number): number {
  const word = j < ENTRIES_PER_WORD ? sheet[0] : sheet[1]
  return Number(BigInt.asUintN(ENTRY_BITS, word >> BigInt(ENTRY_BITS * (j % ENTRIES_PER_WORD))))
}

/** Class of an entry: a missed replay counts as a failed gate, whatever the quality says. No decision is an audit, too. */
export function entryClass({ quality, windows }: Pick<ScoreEntry, 'quality' | 'windows'>): EntryClass {
  if (quality === GATE_FAILED || windows === MISSED) return 'gateFailed'
  if (quality === TASK_FAULT) return 'taskFault'
  return quality === NOT_AUDITED ? 'notAudited' : 'audited'
}

/** The reason S1 of an entry that failed a gate, in the units of a sheet: see `entry-reasons.ts`. */
const UPDATE_REFUSED = 1

/**
 * Whether a 32-bit entry has a value that anybody can compute again: a score, that there is no decision, or that the update itself is
 * refused (S1). Only these can be accused.
 */
export function isComputed(entry: number): boolean {
  const { quality, rarity } = unpackEntry(entry)
  if (quality === 0) return rarity === 0
  // Whatever reason it gives: there is only one, and jurors give that.
  if (quality === NO_DECISION) return true
  return quality <= MAX_QUALITY || (quality === GATE_FAILED && rarity === UPDATE_REFUSED * RARITY_UNIT)
}

/**
 * What jurors report of a 32-bit entry: its quality and rarity, with the highest bit set so that it is none of the answers with a
 * meaning of their own.
 */
export function accusedValue(entry: number): Hash {
  const { quality, rarity } = unpackEntry(entry)
  const spoken = packWord(SCORE_ENTRY, {
    quality: BigInt(quality),
    rarity: BigInt(rarity / RARITY_UNIT),
    windows: 0n,
  })
  return numberToHex((1n << 255n) | spoken, { size: 32 })
}

/** Whether quality and rarity of a 32-bit entry are in their ranges. */
export function isValidEntry(entry: number): boolean {
  const { quality, rarity } = unpackEntry(entry)
  return (quality <= MAX_QUALITY || quality >= NO_DECISION) && rarity <= MAX_RARITY
}

/** Whether an entry comes from an audit, so that it tells of windows: a score, or no decision. */
export function isFromAudit({ quality }: Pick<ScoreEntry, 'quality'>): boolean {
  return quality <= MAX_QUALITY || quality === NO_DECISION
}

/** Position of the first entry that is out of range, or not zero although beyond the cohort's `size`. */
export function firstInvalid(sheet: Sheet, size: number): number | undefined {
  for (let j = 0; j < ENTRIES_PER_SHEET; j++) {
    const entry = entryAt(sheet, j)
    if (j < size ? !isValidEntry(entry) : entry !== 0) return j
  }
  return undefined
}

function requireRange(field: string, value: number, maximum: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= maximum) return
  throw new RangeError(`${field} ${value} of a score entry: use a whole number in 0 … ${maximum}`)
}
