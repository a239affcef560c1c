/** Reads the state after a block instead of the newest. */
export type AtBlock = { blockNumber?: bigint }

/** The part of viem's parameters that names a block. */
export function atBlock({ blockNumber }: AtBlock): AtBlock {
  return blockNumber === undefined ? {} : { blockNumber }
}
