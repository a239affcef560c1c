/**
 * All draws from a beacon: the twin of contracts/libraries/Sampling.sol, where the derivations stand. Draws that no contract makes
 * have their twin in test/solidity/fixtures/reference/Draws.sol. All are pure functions of a beacon and of settled state, so anyone
 * can recompute them.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { hexToBytes } from '@noble/hashes/utils.js'
import type { Address } from 'viem'
import { deriveSeed, drawUint, type Hash } from './random.ts'

/** Members of a full cohort. */
export const COHORT_SIZE = 16
/** Places of a roster. */
export const MAX_VALIDATORS = 64
/** The cohort number that stands for the root committee. */
export const ROOT_COHORT = 0xffff_ffff
/** Weight of a validator that stakes exactly the task's minimum. */
export const MIN_WEIGHT = 256
/** Weight from four times the minimum on. */
export const MAX_WEIGHT = 1_024

const BPS = 10_000
const FEISTEL_ROUNDS = 4
/** Solidity sums the sixteen lanes of a word at once: the sum of sixteen weights must stay below 2^16. */
const LARGEST_LANE = 4_095
/** Keeps a grid's sides below 2^21, the most for which {@link remainder} is exact in doubles. */
const LARGEST_COUNT = 2 ** 40

/** A round of a task. */
export type RoundPlace = { taskId: bigint; round: number | bigint }

/** A draw that can't be made, or an argument that is outside its range. */
export class SamplingError extends Error {
  override name = 'SamplingError'
}

// ---- cohorts

/** Number of cohorts of `count` submissions: ⌈count / 16⌉. */
export function cohortCount(count: number): number {
  return Math.ceil(count / COHORT_SIZE)
}

/**
 * Positions of a cohort: `start` and `size` (1…16). Sizes differ by one at most.
 *
 * @throws SamplingError for a cohort that doesn't exist.
 */
export function cohortBounds(count: number, cohort: number): { start: number; size: number } {
  const cohorts = cohortCount(count)
  if (!Number.isInteger(cohort) || cohort < 0 || cohort >= cohorts) {
    throw new SamplingError(`cohort ${cohort} of ${cohorts} cohorts, counted from 0`)
  }
  const base = Math.floor(count / cohorts)
  const larger = count % cohorts
  return { start: cohort * base + Math.min(cohort, larger), size: cohort < larger ? base + 1 : base }
}

/** Key of the permutation that puts submissions into cohorts. */
export function cohortsKey(beacon: Hash): Hash {
  return deriveSeed(beacon, 'cohorts')
}

/** Sides of the grid that {@link permute} walks on: width = ⌈√count⌉, height = ⌈count / width⌉. */
export function gridOf(count: number): { width: number; height: number } {
  if (!Number.isSafeInteger(count) || count < 1 || count > LARGEST_COUNT) {
    throw new SamplingError(`can't permute ${count} positions: use 1 … ${LARGEST_COUNT}`)
  }
  const width = Math.ceil(Math.sqrt(count))
  return { width, height: Math.ceil(count / width) }
}

/**
 * A keyed bijection on [0, count): the submission at a position.
 *
 * @throws SamplingError for a position outside [0, count).
 */
export function permute(position: number, count: number, key: Hash): number {
  return permutation(count, key)(position)
}

/** {@link permute} for many positions of one key. */
export function permutation(count: number, key: Hash): (position: number) => number {
  const { width, height } = gridOf(count)
  const block = new Uint8Array(96)
  block.set(hexToBytes(key.slice(2)))
  const view = new DataView(block.buffer)
  const hashBelow = (round: number, word: number, bound: number) => {
    view.setUint32(60, round)
    view.setUint32(92, word)
    return remainder(keccak_256(block), bound)
  }
  const walk = (cell: number) => {
    let x = cell % width
    let y = Math.floor(cell / width)
    for (let round = 0; round < FEISTEL_ROUNDS; round++) {
      if (round % 2 === 0) x = (x + hashBelow(round, y, width)) % width
      else y = (y + hashBelow(round, x, height)) % height
    }
    return y * width + x
  }
  return (position) => {
    if (!Number.isInteger(position) || position < 0 || position >= count) {
      throw new SamplingError(`position ${position} of ${count} positions, counted from 0`)
    }
    let index = position
    do index = walk(index)
    while (index >= count)
    return index
  }
}

// ---- committees

/**
 * Weight of a stake in the draw, in 1/256 of the task's minimum: 0 below four fifths of the minimum, else 204…1,024.
 *
 * @param stake, minStake ASSAY wei; `minStake` not zero.
 */
export function weightOf(stake: bigint, minStake: bigint): number {
  if (minStake <= 0n)
    throw new SamplingError(`a minimum stake of ${minStake} wei gives no weights: it must be positive`)
  if (stake < minStake - minStake / 5n) return 0
  const weight = (stake * BigInt(MIN_WEIGHT)) / minStake
  return weight > BigInt(MAX_WEIGHT) ? MAX_WEIGHT : Number(weight)
}

/** Seed of a cohort's committee. The root committee has cohort {@link ROOT_COHORT} and attempt 0. */
export function committeeSeed(beacon: Hash, cohort: number, attempt: number): Hash {
  return deriveSeed(beacon, 'committee', BigInt(cohort), BigInt(attempt))
}

/** What a committee is drawn from. */
export type CommitteeDraw = {
  /** From {@link committeeSeed}. */
  seed: Hash
  /** Weight of each roster index, at most 64, each 0…4,095. */
  weights: readonly number[]
  /** k. */
  seatCount: number
  /** Roster indices that can't be drawn. */
  excluded?: readonly number[]
}

/**
 * Draws `seatCount` different roster indices, each time with probability weight / Σ remaining weights.
 *
 * @returns roster index of each seat.
 * @throws SamplingError when fewer validators with weight are left than seats.
 */
export function drawCommittee({ seed, weights, seatCount, excluded = [] }: CommitteeDraw): number[] {
  if (weights.length > MAX_VALIDATORS) {
    throw new SamplingError(`${weights.length} weights: a roster has at most ${MAX_VALIDATORS} places`)
  }
  const wrong = weights.find((weight) => !Number.isInteger(weight) || weight < 0 || weight > LARGEST_LANE)
  if (wrong !== undefined)
    throw new SamplingError(`weight ${wrong} is not a whole number in 0 … ${LARGEST_LANE}`)
  const left = weights.map((weight, index) => (excluded.includes(index) ? 0 : weight))

  const seats: number[] = []
  while (seats.length < seatCount) {
    const total = left.reduce((sum, weight) => sum + weight, 0)
    if (total === 0) {
      throw new SamplingError(`too few validators with weight: drew ${seats.length} of ${seatCount} seats`)
    }
    let target = drawUint(seed, seats.length, total)
    let index = 0
    while (target >= left[index]!) target -= left[index++]!
    seats.push(index)
    left[index] = 0
  }
  return seats
}

// ---- audits and replays

/**
 * Probability that an update is audited in depth.
 *
 * @param reputationBps ρ before this round, 5,000…15,000.
 * @param seen settled rounds of the contributor in this task.
 */
export function auditProbabilityBps(reputationBps: number, seen: number, flagged: boolean): number {
  const base = Math.floor((20_000 - reputationBps) / 10) * (flagged ? 3 : 1)
  const bounded = Math.min(Math.max(base, 500), BPS)
  return seen < 10 ? Math.max(bounded, BPS - 500 * seen) : bounded
}

/** Whether the beacon draws the contributor's update for an audit; ρ, seen and flagged are those before this round. */
export function isAudited(subject: {
  beacon: Hash
  contributor: Address
  reputationBps: number
  seen: number
  flagged: boolean
}): boolean {
  const draw = seedRemainder(deriveSeed(subject.beacon, 'audit', BigInt(subject.contributor)), BPS)
  return draw < auditProbabilityBps(subject.reputationBps, subject.seen, subject.flagged)
}

/** How many replay windows of an update a seat has: window i goes to seat i mod seatCount. */
export function assignedWindows(windows: number, seatCount: number, seat: number): number {
  return Math.floor(windows / seatCount) + (seat < windows % seatCount ? 1 : 0)
}

/** The i-th window drawn from a contributor's round; different for different i < totalWindows. */
export function replayWindow(draw: {
  beacon: Hash
  contributor: Address
  i: number
  totalWindows: number
}): number {
  return permute(draw.i, draw.totalWindows, deriveSeed(draw.beacon, 'replay', BigInt(draw.contributor)))
}

/**
 * The i-th window that a task's last round draws from a contributor with held pay. The draw takes its own round and the held rounds in
 * turn, the held ones in an order that the beacon draws; so of n rounds every n-th window is its own. A draw of one window takes any
 * of the rounds.
 *
 * @param draw heldCount: number of held rounds
 * @returns the window; `held`, the place of its round among the held ones from 0, or undefined for the last round itself
 */
export function finalReplay(draw: {
  beacon: Hash
  contributor: Address
  i: number
  windowsDrawn: number
  totalWindows: number
  heldCount: number
}): { held: number | undefined; window: number } {
  const { beacon, contributor, i, windowsDrawn, totalWindows, heldCount } = draw
  const order = deriveSeed(beacon, 'held', BigInt(contributor))
  const turn = windowsDrawn === 1 ? seedRemainder(order, heldCount + 1) : i % (heldCount + 1)
  const held = turn === 0 ? undefined : permute(turn - 1, heldCount, order)
  const words = held === undefined ? [] : [BigInt(held + 1)]
  const key = deriveSeed(beacon, 'replay', BigInt(contributor), ...words)
  return { held, window: permute(Math.floor(i / (heldCount + 1)), totalWindows, key) }
}

// ---- seeds of the oracle's and the trainer's own draws

/** Seed of the held-out samples on which one validator judges one contributor's update. */
export function personalSeed(
  place: RoundPlace & { beacon: Hash; validator: Address; contributor: Address },
): Hash {
  const { beacon, taskId, round, validator, contributor } = place
  return deriveSeed(beacon, 'personal', taskId, BigInt(round), BigInt(validator), BigInt(contributor))
}

/** Seed of a validator's own root update. */
export function rootSeed(place: RoundPlace & { beacon: Hash; validator: Address }): Hash {
  return deriveSeed(place.beacon, 'root', place.taskId, BigInt(place.round), BigInt(place.validator))
}

/** Seed of a contributor's batch order. It follows from the previous beacon, so the contributor can't choose the order. */
export function batchSeed(place: RoundPlace & { previousBeacon: Hash; contributor: Address }): Hash {
  const { previousBeacon, taskId, round, contributor } = place
  return deriveSeed(previousBeacon, 'batches', taskId, BigInt(round), BigInt(contributor))
}

// ---- who may submit

/** Probability of a slot when more are enrolled than a round has slots: min(1, slots · ρ / Σρ). */
export function slotProbabilityBps(crowd: {
  reputationBps: number
  reputationSum: number
  slots: number
  enrolled: number
}): number {
  if (crowd.enrolled <= crowd.slots || crowd.reputationSum === 0) return BPS
  return Math.min(BPS, Math.floor((BPS * crowd.slots * crowd.reputationBps) / crowd.reputationSum))
}

/** Whether the previous beacon draws the contributor for a slot in this round. */
export function isDrawnToSubmit(
  place: RoundPlace & { previousBeacon: Hash; contributor: Address; probabilityBps: number },
): boolean {
  if (place.probabilityBps >= BPS) return true
  const { previousBeacon, taskId, round, contributor } = place
  const seed = deriveSeed(previousBeacon, 'slot', taskId, BigInt(round), BigInt(contributor))
  return seedRemainder(seed, BPS) < place.probabilityBps
}

function seedRemainder(seed: Hash, bound: number): number {
  return remainder(hexToBytes(seed.slice(2)), bound)
}

/** A 256-bit big-endian number modulo `bound` < 2^21, exact in doubles: each step stays below 2^53. */
function remainder(hash: Uint8Array, bound: number): number {
  const words = new DataView(hash.buffer, hash.byteOffset, hash.byteLength)
  let rest = 0
  for (let offset = 0; offset < hash.byteLength; offset += 4) {
    rest = (rest * 2 ** 32 + words.getUint32(offset)) % bound
  }
  return rest
}
