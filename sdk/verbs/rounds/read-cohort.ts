import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsLensAbi } from '../../generated/IRoundsLens.ts'

/** How far a cohort of the current round has come on chain. */
export type CohortState = {
  attempt: number
  settled: boolean
  isVoid: boolean
  /** How many seats revealed. */
  revealed: number
  /** By seat. */
  seats: readonly Address[]
}

/**
 * A cohort of the current round.
 *
 * @example const { settled } = await readCohort(reader, { taskId: 1n, cohort: 0 })
 */
export function readCohort(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { taskId: bigint; cohort: number },
): Promise<CohortState> {
  return chain.readContract({
    address: deployment.contracts.roundsLens,
    abi: iRoundsLensAbi,
    functionName: 'cohortOf',
    args: [parameters.taskId, parameters.cohort],
    ...atBlock(parameters),
  })
}
