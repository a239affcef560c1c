import type { AssayReader } from '../../client/clients.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

/** Where the events of all rounds of a task are: what to ask `getContractEvents` for, and the blocks up to the newest one. */
export async function taskEvents({ chain, deployment }: AssayReader, taskId: bigint) {
  const filter = {
    address: deployment.contracts.rounds,
    abi: iRoundsAbi,
    args: { taskId },
    strict: true,
  } as const
  const range = { from: BigInt(deployment.startBlock), to: await chain.getBlockNumber({ cacheTime: 0 }) }
  return { filter, range }
}
