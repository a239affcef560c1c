/** Reads the state after a block instead of the newest. */
export type AtBlock = { blockNumber?: bigint }

/** The part of viem's parameters that names a block. */
export function atBlock({ blockNumber }: AtBlock): AtBlock {
  return blockNumber === undefined ? {} : { blockNumber }
}

/** Unix seconds as a number; zero stands for "not known yet". */
export function secondsOrUndefined(seconds: bigint): number | undefined {
  return seconds === 0n ? undefined : Number(seconds)
}
