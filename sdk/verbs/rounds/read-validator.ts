import type { Address, ContractFunctionReturnType } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsLensAbi } from '../../generated/IRoundsLens.ts'

type View = ContractFunctionReturnType<typeof iRoundsLensAbi, 'view', 'validatorOf'>

/** A validator's place and record in a task (ValidatorView of IRoundsLens.sol). */
export type ValidatorState = Omit<View, 'rosterIndex'> & {
  /** Its index in the frozen roster, undefined without a place there. */
  rosterIndex: number | undefined
}

/**
 * A validator's place, weight and duties in a task.
 *
 * @example const { rosterIndex, uptimeBps } = await readValidator(reader, { taskId: 1n, validator })
 */
export async function readValidator(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { taskId: bigint; validator: Address },
): Promise<ValidatorState> {
  const view = await chain.readContract({
    address: deployment.contracts.roundsLens,
    abi: iRoundsLensAbi,
    functionName: 'validatorOf',
    args: [parameters.taskId, parameters.validator],
    ...atBlock(parameters),
  })
  return { ...view, rosterIndex: view.seated ? view.rosterIndex : undefined }
}
