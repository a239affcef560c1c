import { createHash } from 'node:crypto'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Address } from 'viem'

/** Arguments for vectors, which follow from a seed. A quarter of them are edges. */
export type Draws = {
  /** A whole number in `least … most`, or one of the edges inside it: both ends, their neighbours, and those given. */
  bigint: (least: bigint, most: bigint, ...edges: bigint[]) => bigint
  number: (least: number, most: number, ...edges: number[]) => number
  hash: () => Hash
  address: () => Address
  flag: () => boolean
  list: <T>(length: number, item: () => T) => T[]
}

/** Draws from a seed: sha256 of the seed and a counter, so that no function under test chooses its own arguments. */
export function drawsFrom(seed: string): Draws {
  let counter = 0
  const digits = () => createHash('sha256').update(`${seed} ${counter++}`).digest('hex')
  const word = () => BigInt(`0x${digits()}`)
  const bigint: Draws['bigint'] = (least, most, ...edges) => {
    const chance = word()
    if (chance % 4n !== 0n) return least + ((chance >> 8n) % (most - least + 1n))
    const inside = [least, least + 1n, most - 1n, most, ...edges].filter(
      (edge) => edge >= least && edge <= most,
    )
    return inside[Number((chance >> 8n) % BigInt(inside.length))]!
  }
  return {
    bigint,
    number: (least, most, ...edges) => Number(bigint(BigInt(least), BigInt(most), ...edges.map(BigInt))),
    hash: () => `0x${digits()}`,
    address: () => `0x${digits().slice(24)}`,
    flag: () => word() % 2n === 1n,
    list: (length, item) => Array.from({ length }, item),
  }
}
