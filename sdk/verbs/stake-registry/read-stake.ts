import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iStakeRegistryAbi } from '../../generated/IStakeRegistry.ts'

/** An account's stake, in ASSAY wei. */
export type StakeState = {
  active: bigint
  unbonding: bigint
  /** Unix seconds from which `unbonding` can be withdrawn. */
  availableAt: number | undefined
  /** Part of `active` that tasks have reserved. */
  reserved: bigint
  /** Part of `active` that no task has reserved: it can be unstaked or reserved. */
  free: bigint
}

/**
 * The stake of an account.
 *
 * @example const { active, free } = await readStake(reader, { account })
 */
export async function readStake(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { account: Address },
): Promise<StakeState> {
  const contract = {
    address: deployment.contracts.stakeRegistry,
    abi: iStakeRegistryAbi,
    args: [parameters.account],
    ...atBlock(parameters),
  } as const
  const [position, free] = await Promise.all([
    chain.readContract({ ...contract, functionName: 'positionOf' }),
    chain.readContract({ ...contract, functionName: 'freeStakeOf' }),
  ])
  const { active, unbonding, availableAt, reserved } = position
  return { active, unbonding, availableAt: availableAt === 0 ? undefined : availableAt, reserved, free }
}
