import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { type Address, erc20Abi } from 'viem'
import { CliError } from './failure.ts'
import type { TokenUnit } from './format.ts'

/** A token's symbol and decimals, or plain wei if it has none. */
export async function tokenUnit({ chain }: AssayReader, address: Address): Promise<TokenUnit> {
  const token = { address, abi: erc20Abi } as const
  const [symbol, decimals] = await Promise.all([
    chain.readContract({ ...token, functionName: 'symbol' }).catch(() => 'wei'),
    chain.readContract({ ...token, functionName: 'decimals' }).catch(() => 0),
  ])
  return { symbol, decimals }
}

/** @throws CliError when there is no contract at the address of the terms' reward token */
export async function requireToken({ chain, deployment }: AssayReader, address: Address): Promise<void> {
  if ((await chain.getCode({ address })) !== undefined) return
  throw new CliError(
    'failed',
    `There is no token at ${address} on ${deployment.network}.`,
    'Give rewardToken the address of an ERC-20 there, or ASSAY.',
  )
}

/** The token that a task pays in. @throws AssayError when there is no such task */
export async function rewardTokenOf(reader: AssayReader, taskId: bigint): Promise<TokenUnit> {
  const { params } = await readTask(reader, { taskId })
  return tokenUnit(reader, params.rewardToken)
}
