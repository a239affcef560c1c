import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iJuryAbi } from '../../generated/IJury.ts'
import { type PanelState, placesIn } from '../../protocol/cases.ts'
import type { Hash } from '../../protocol/random.ts'

/** A seat of a drawn panel. */
export type PanelSeat = {
  /** Of its juror in the roster. */
  place: number
  juror: Address
  /** What it reported; undefined if it hasn't revealed. */
  result: Hash | undefined
}

const REVEALED = 2

/**
 * Who sits in a panel, and what they reported so far.
 *
 * @example const seats = await readSeats(reader, { panel: state.panel })
 */
export function readSeats(
  { chain, deployment }: AssayReader,
  { panel, ...block }: { panel: Pick<PanelState, 'id' | 'places'> } & AtBlock,
): Promise<PanelSeat[]> {
  const at = { ...atBlock(block), address: deployment.contracts.jury, abi: iJuryAbi } as const
  return Promise.all(
    panel.places.map(async (place) => {
      const [status, juror, , result] = await chain.readContract({
        ...at,
        functionName: 'seatOf',
        args: [panel.id, BigInt(place)],
      })
      return { place, juror, result: status === REVEALED ? result : undefined }
    }),
  )
}

/**
 * The same for a panel of which only the number is known.
 *
 * @example const seats = await readPanelSeats(reader, { panelId: 1n })
 */
export async function readPanelSeats(
  reader: AssayReader,
  { panelId }: { panelId: bigint },
): Promise<PanelSeat[]> {
  const { drawn } = await reader.chain.readContract({
    address: reader.deployment.contracts.jury,
    abi: iJuryAbi,
    functionName: 'panelOf',
    args: [panelId],
  })
  return readSeats(reader, { panel: { id: panelId, places: placesIn(drawn) } })
}
