/** Seeds of the engine's own draws; sdk/protocol/sampling.ts has those that contracts know too. */
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../hash.ts'

/** Where a round stands: its task and number. */
export type RoundPlace = { taskId: bigint; round: bigint }

/** Seed of the sketches that all updates of a round are compared by. */
export function sketchSeed(place: RoundPlace & { beacon: Hash }): Hash {
  return deriveSeed(place.beacon, 'sketch', place.taskId, place.round)
}

/** Seed of one training step's batch. */
export function stepSeed(seed: Hash, step: number): Hash {
  return deriveSeed(seed, 'batch', BigInt(step))
}

/** Seed of one training step's values of a random input. */
export function noiseSeed(seed: Hash, name: string, step: number): Hash {
  return deriveSeed(seed, `noise ${name}`, BigInt(step))
}

/** Seed of one tensor's initial values. */
export function deriveTensorSeed(seed: Hash, name: string): Hash {
  return deriveSeed(seed, `tensor ${name}`)
}
