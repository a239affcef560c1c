import { concat, type Hex, hexToBigInt, numberToHex, size, slice } from 'viem'

/**
 * What a daemon writes behind the arguments of each call that it signs. Contracts ignore it; another daemon with the same
 * key reads who of them started later. It costs at most 192 gas.
 */
export type Mark = {
  /** Block at which the daemon started. */
  startedBlock: bigint
  /** Block at which it signed the transaction. */
  signedBlock: bigint
}

/** First bytes of keccak256("assay daemon"). */
const MAGIC: Hex = '0x261d3e7d'
const NUMBER_BYTES = 4
const MARK_BYTES = 4 + 2 * NUMBER_BYTES
const SELECTOR_BYTES = 4
const WORD_BYTES = 32

/** A call's data with the mark behind it. Block numbers count modulo 2³². */
export function marked(data: Hex, { startedBlock, signedBlock }: Mark): Hex {
  const numbers = [startedBlock, signedBlock].map((block) =>
    numberToHex(BigInt.asUintN(8 * NUMBER_BYTES, block), { size: NUMBER_BYTES }),
  )
  return concat([data, MAGIC, ...numbers])
}

/** The mark behind a call's data; undefined if no daemon signed it. */
export function markOf(data: Hex): Mark | undefined {
  const at = size(data) - MARK_BYTES
  if (at < 0 || slice(data, at, at + 4) !== MAGIC) return undefined
  const number = (from: number) => hexToBigInt(slice(data, from, from + NUMBER_BYTES))
  return { startedBlock: number(at + 4), signedBlock: number(at + 4 + NUMBER_BYTES) }
}

/** Whether a call is about a task: ids of tasks are the first argument of all calls of the protocol that have one. */
export function isAboutTask(data: Hex, taskId: bigint): boolean {
  if (size(data) < SELECTOR_BYTES + WORD_BYTES) return false
  return hexToBigInt(slice(data, SELECTOR_BYTES, SELECTOR_BYTES + WORD_BYTES)) === taskId
}
