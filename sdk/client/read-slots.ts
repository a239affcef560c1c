import { iSlotReaderAbi } from '../generated/ISlotReader.ts'
import type { Hash } from '../protocol/random.ts'
import type { NamedSlots, SlotWords } from '../protocol/rounds-slots.ts'
import { type AtBlock, atBlock } from './at-block.ts'
import type { AssayReader } from './clients.ts'
import { AssayError } from './errors.ts'

/** The words in some slots of Rounds, all as of one block, and the unix seconds of that block. */
export type SlotReading<Slots extends NamedSlots> = { time: number; words: SlotWords<Slots> }

/**
 * Reads storage slots of Rounds with one call, so that all words are of the same block and no other contract has to be trusted.
 *
 * @param slots by name; see `sdk/protocol/rounds-slots.ts`
 * @example const { words, time } = await readSlots(reader, roundSlots(taskId), { blockNumber })
 * @throws AssayError `SlotsIncomplete` (transient) when the node's answer can't be one of Rounds
 */
export async function readSlots<const Slots extends NamedSlots>(
  { deployment, chain }: AssayReader,
  slots: Slots,
  at: AtBlock = {},
): Promise<SlotReading<Slots>> {
  const asked = Object.values<Hash | readonly Hash[]>(slots).flat() as Hash[]
  const [time, values] = await chain.readContract({
    address: deployment.contracts.rounds,
    abi: iSlotReaderAbi,
    functionName: 'readSlots',
    args: [asked],
    ...atBlock(at),
  })
  if (values.length !== asked.length || time > BigInt(Number.MAX_SAFE_INTEGER))
    throw incomplete(values.length, asked.length)
  return { time: Number(time), words: named(slots, values.map(BigInt)) }
}

/** The words under the names of their slots. */
function named<Slots extends NamedSlots>(slots: Slots, words: readonly bigint[]): SlotWords<Slots> {
  let at = 0
  const entries = Object.entries(slots).map(([name, slot]) => {
    if (typeof slot === 'string') return [name, words[at++]]
    at += slot.length
    return [name, words.slice(at - slot.length, at)]
  })
  return Object.fromEntries(entries)
}

function incomplete(found: number, expected: number): AssayError {
  return new AssayError({
    name: 'SlotsIncomplete',
    values: { found, expected },
    message: `The node gave ${found} of ${expected} slots of Rounds, or a time that can't be.`,
    fix: 'Try again; if it lasts, use another node.',
    kind: 'transient',
  })
}
