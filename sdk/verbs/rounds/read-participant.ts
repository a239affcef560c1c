import type { Address, ContractFunctionReturnType } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsLensAbi } from '../../generated/IRoundsLens.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import type { Hash } from '../../protocol/random.ts'

/** What a task remembers of a contributor (ParticipantView of IRoundsLens.sol), and the root of its data. */
export type ParticipantState = ContractFunctionReturnType<typeof iRoundsLensAbi, 'view', 'participantOf'> & {
  dataRoot: Hash
}

/**
 * A contributor's standing in a task; `enrolled` tells whether it has one.
 *
 * @example const { reputationBps, provenWindows } = await readParticipant(reader, { taskId: 1n, contributor })
 */
export async function readParticipant(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { taskId: bigint; contributor: Address },
): Promise<ParticipantState> {
  const { roundsLens, tasks } = deployment.contracts
  const args = [parameters.taskId, parameters.contributor] as const
  const block = atBlock(parameters)
  const [view, dataRoot] = await Promise.all([
    chain.readContract({
      address: roundsLens,
      abi: iRoundsLensAbi,
      functionName: 'participantOf',
      args,
      ...block,
    }),
    chain.readContract({ address: tasks, abi: iTasksAbi, functionName: 'dataRootOf', args, ...block }),
  ])
  return { ...view, dataRoot }
}
