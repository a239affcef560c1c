import type { Draws } from '../draws.ts'

/** One function of the libraries: how its arguments are drawn, and its TypeScript twin. */
export type Case = {
  name: string
  count: number
  /** The arguments for Solidity, and the twin on the same ones. Where the twin throws, Solidity must revert. */
  draw: (draws: Draws) => { args: unknown[]; twin: () => unknown[] }
}

export const UINT32 = 2n ** 32n - 1n
export const UINT64 = 2n ** 64n - 1n
export const UINT96 = 2n ** 96n - 1n
export const UINT256 = 2n ** 256n - 1n

/** A round of a task. */
export const place = (d: Draws) => ({ taskId: d.bigint(0n, UINT64), round: d.number(0, Number(UINT32)) })
