/** Seeds of everything that is drawn, each from the beacon it must not be known before. */
import { deriveSeed } from '@assay/sdk/random.ts'
import type { Hash } from './hash.ts'

/** An account, as 0x and 40 hexadecimal digits. */
export type Address = `0x${string}`

/** Where a round stands: its task and number. */
export type RoundPlace = { taskId: bigint; round: bigint }

/** Seed of a contributor's batch order: of the previous beacon, so that the order isn't its choice. */
export function batchSeed(place: RoundPlace & { previousBeacon: Hash; contributor: Address }): Hash {
  return deriveSeed(place.previousBeacon, 'batches', place.taskId, place.round, BigInt(place.contributor))
}

/** Seed of the held-out samples on which one validator judges one contributor's update. */
export function personalSeed(
  place: RoundPlace & { beacon: Hash; validator: Address; contributor: Address },
): Hash {
  const { beacon, taskId, round, validator, contributor } = place
  return deriveSeed(beacon, 'personal', taskId, round, BigInt(validator), BigInt(contributor))
}

/** Seed of a validator's own reference update. */
export function rootSeed(place: RoundPlace & { beacon: Hash; validator: Address }): Hash {
  return deriveSeed(place.beacon, 'root', place.taskId, place.round, BigInt(place.validator))
}

/** Seed of the sketches that all updates of a round are compared by. */
export function sketchSeed(place: RoundPlace & { beacon: Hash }): Hash {
  return deriveSeed(place.beacon, 'sketch', place.taskId, place.round)
}

/** Seed of one training step's batch. */
export function stepSeed(seed: Hash, step: number): Hash {
  return deriveSeed(seed, 'batch', BigInt(step))
}

/** Seed of one tensor's initial values. */
export function deriveTensorSeed(seed: Hash, name: string): Hash {
  return deriveSeed(seed, `tensor ${name}`)
}
