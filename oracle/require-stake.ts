import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { stakeShortage } from '@assay/sdk/client/stake-shortage.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { OracleContext } from './oracle-context.ts'

/**
 * Ends an oracle at its start that can't join with the stake it was told to, or was told none, with what the account has,
 * what the task needs and the commands that help.
 *
 * @throws FatalDaemonError unless the config names a stake that the task takes and the account has free
 */
export async function requireStake({ reader, account, config }: OracleContext): Promise<bigint> {
  const { taskId, joinStakeWei } = config
  const blockNumber = await reader.chain.getBlockNumber()
  const [params, { free }] = await Promise.all([
    readTaskParams(reader, { taskId }),
    readStake(reader, { account: account.address, blockNumber }),
  ])
  const minimum = params.minValidatorStake
  const shortage = stakeShortage({ taskId, amount: joinStakeWei ?? minimum, minimum, free })
  if (joinStakeWei === undefined)
    throw new FatalDaemonError(
      `${account.address} is not a validator of task ${taskId}. ${shortage === undefined ? '' : `${shortage.message} ${shortage.fix} `}Join it (assay validator join ${taskId}), or start the oracle with --join and a stake.`,
    )
  if (shortage !== undefined)
    throw new FatalDaemonError(`Not joining with ${account.address}. ${shortage.message} ${shortage.fix}`)
  return joinStakeWei
}
