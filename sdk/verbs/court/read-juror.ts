import type { Address, Hex } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { collectLogs } from '../../client/logs.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import { iJuryAbi } from '../../generated/IJury.ts'

/** A juror's place in the jury's roster. Times in unix seconds. */
export type JurorPlace = {
  /** 0…63; undefined once the place has passed on to another, while its stake is still reserved. */
  place: number | undefined
  /** Of its stake, in 1/256 of the least stake. */
  weight: number
  /** From when it can be drawn. */
  from: number
  /** Until when; undefined while it stays. */
  until: number | undefined
}

/** The jury's value for the end of a place that nobody has given up. */
const STAYS = 2 ** 40 - 1
const PLACES = 64
/** Where a log keeper has the keys of jurors. */
export const JUROR_KEYS = 'JurorJoined'

/**
 * Where an account sits in the jury.
 *
 * @example const seat = await readJuror(reader, { account })
 * @returns undefined for an account without a place, or whose stake was released
 */
export async function readJuror(
  { chain, deployment }: AssayReader,
  { account, ...block }: { account: Address } & AtBlock,
): Promise<JurorPlace | undefined> {
  const at = { ...atBlock(block), address: deployment.contracts.jury, abi: iJuryAbi } as const
  const [isSeated, number] = await chain.readContract({
    ...at,
    functionName: 'placeOfJuror',
    args: [account],
  })
  if (!isSeated) return undefined
  if (number >= PLACES) return { place: undefined, weight: 0, from: 0, until: 0 }
  const seats = await chain.readContract({ ...at, functionName: 'placeOf', args: [number] })
  const own = seats.find((seat) => seat.account.toLowerCase() === account.toLowerCase())
  if (own === undefined) return { place: undefined, weight: 0, from: 0, until: 0 }
  const { weight, from, until } = own
  return { place: Number(number), weight, from, until: until === STAYS ? undefined : until }
}

/**
 * The newest public key of every account that ever joined the jury, by its address in lower case.
 *
 * @example const keys = await readJurorKeys(reader, { blockNumber })
 */
export async function readJurorKeys(
  reader: AssayReader,
  { blockNumber }: { blockNumber: bigint },
): Promise<Map<string, Hex>> {
  const { chain, deployment } = reader
  const logs = await collectLogs(
    reader,
    JUROR_KEYS,
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.court,
        abi: iCourtAbi,
        eventName: 'JurorJoined',
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(deployment.startBlock), to: blockNumber },
  )
  return new Map(logs.map(({ args }) => [args.juror.toLowerCase(), args.encryptionKey]))
}
