/**
 * In which storage slots Rounds keeps what: the twin of contracts/lens/RoundsSlots.sol and contracts/rounds/StorageKeys.sol. Tests
 * hold both sides against each other and against what the compiler says.
 */
import { type Address, encodeAbiParameters, getAddress, keccak256, numberToHex } from 'viem'
import type { Hash } from './random.ts'

/** The slot of each variable as the compiler laid it out; all are mappings by task. */
export const VARIABLES = {
  roundTerms: 0n,
  validationTerms: 2n,
  totals: 3n,
  purses: 4n,
  rounds: 5n,
  starts: 6n,
  baseModels: 7n,
  previousBeacons: 8n,
  beacons: 9n,
  closings: 10n,
  participants: 11n,
  validators: 12n,
  earnings: 13n,
  held: 14n,
  frozenWeights: 15n,
  frozenRoster: 16n,
  nextRoster: 17n,
  pages: 19n,
  sheets: 20n,
  cohorts: 21n,
  votes: 23n,
  modelVotes: 24n,
  enrolledAt: 25n,
  joined: 27n,
  poolRoots: 28n,
  pools: 29n,
  seized: 32n,
  forfeited: 33n,
  rollBacks: 34n,
} as const

export type RoundsVariable = keyof typeof VARIABLES

/** Slots that belong together, by the names under which their words are wanted. */
export type NamedSlots = Readonly<Record<string, Hash | readonly Hash[]>>

/** The words in named slots, under the same names. */
export type SlotWords<Slots extends NamedSlots> = {
  readonly [Name in keyof Slots]: Slots[Name] extends Hash ? bigint : readonly bigint[]
}

/** Rounds for which evidence is kept. */
export const RING = 8
/** Seats of the largest committee. */
export const MOST_SEATS = 15

/** Pages that the ring has room for in a round. */
const PAGES = 256
const ATTEMPTS = 2
const CLOSING_TIMES = 4
/** Places that a cohort has for its seats. */
const SEAT_PLACES = 16n
const WORDS_PER_SEAT = 2n
const WEIGHT_WORDS = 4

// ---- slots

/**
 * The slot of a task's value; of an array or a mapping its base.
 *
 * @throws a viem error for a task id outside 64 bits; the functions below likewise
 */
export function ofTask(variable: RoundsVariable, taskId: bigint): Hash {
  const key = [{ type: 'uint64' }, { type: 'uint256' }] as const
  return known(`${variable} ${taskId}`, () =>
    keccak256(encodeAbiParameters(key, [taskId, VARIABLES[variable]])),
  )
}

/** The slot of an account's value in a task. */
export function ofAccount(variable: RoundsVariable, taskId: bigint, account: Address): Hash {
  const key = [{ type: 'address' }, { type: 'bytes32' }] as const
  const base = ofTask(variable, taskId)
  return known(`${base} ${account}`, () => keccak256(encodeAbiParameters(key, [account, base])))
}

/** The slot of a value at a key in a task: see the keys below; of a cohort, a seat or a roster index its number. */
export function ofKey(variable: RoundsVariable, taskId: bigint, key: number | bigint): Hash {
  return inMapping(ofTask(variable, taskId), key)
}

/** The slots of the values at the keys 0 … `count` − 1. */
export function ofKeys(variable: RoundsVariable, taskId: bigint, count: number): Hash[] {
  const base = ofTask(variable, taskId)
  return Array.from({ length: count }, (_, key) => inMapping(base, key))
}

/** The slot of a validator's commitment to its sheets, at {@link sheetKey}. */
export function ofSheet(taskId: bigint, validator: Address, key: number): Hash {
  return inMapping(ofAccount('sheets', taskId, validator), key)
}

/** The slots of the frozen weights, sixteen a word. */
export function ofWeights(taskId: bigint): Hash[] {
  const first = BigInt(ofTask('frozenWeights', taskId))
  const slotAt = (i: number) => BigInt.asUintN(256, first + BigInt(i))
  return Array.from({ length: WEIGHT_WORDS }, (_, i) => hashIn(slotAt(i)))
}

function inMapping(base: Hash, key: number | bigint): Hash {
  const pair = [{ type: 'uint256' }, { type: 'bytes32' }] as const
  return known(`${base} ${key}`, () => keccak256(encodeAbiParameters(pair, [BigInt(key), base])))
}

/** Slots that are remembered: a daemon reads the same ones at each block, and each costs a hash. */
const MOST_KNOWN = 8_192
const slots = new Map<string, Hash>()

function known(name: string, slotOf: () => Hash): Hash {
  const found = slots.get(name)
  if (found !== undefined) return found
  const slot = slotOf()
  if (slots.size === MOST_KNOWN) slots.clear()
  slots.set(name, slot)
  return slot
}

// ---- keys in the rings and among the seats

/** The key of a round's beacon, 0…7. */
export function beaconKey(round: number): number {
  return round % RING
}

/** The key of the word with the time at which a round closed, 0 or 1. */
export function closingKey(round: number): number {
  return Math.floor((round % RING) / CLOSING_TIMES)
}

/** The key of the digest of a page of submissions. @param page submission index / 32, 0…255 */
export function pageKey(round: number, page: number): number {
  return (round % RING) * PAGES + page
}

/** The key of a validator's commitment to its sheets. @param attempt 0, or 1 in the redraw */
export function sheetKey(round: number, attempt: number): number {
  return (round % RING) * ATTEMPTS + attempt
}

/** The key of a seat's first word about its cohort; the second follows. */
export function scoreKey(cohort: number, seat: number): bigint {
  return voteKey(cohort, seat) * WORDS_PER_SEAT
}

/** The key of a seat's vote for its cohort's aggregate. */
export function voteKey(cohort: number, seat: number): bigint {
  return BigInt(cohort) * SEAT_PLACES + BigInt(seat)
}

// ---- words that hold one value

/** The hash that is a whole word. */
export function hashIn(word: bigint): Hash {
  return numberToHex(word, { size: 32 })
}

/** The address in a word; undefined for zero. */
export function addressIn(word: bigint): Address | undefined {
  if (word === 0n) return undefined
  return getAddress(numberToHex(BigInt.asUintN(160, word), { size: 20 }))
}
