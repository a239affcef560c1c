import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import type { Hash } from '../../protocol/random.ts'

export type EnrolParameters = {
  taskId: bigint
  /** Merkle root of the salted samples. The chain keeps the data root: the hash of this and their number. */
  sampleRoot: Hash
  /** Samples under the root, at least 1. */
  dataUnits: number
}

/** The call of {@link enrol}, unsigned. */
export function enrolCall(deployment: Deployment, { taskId, sampleRoot, dataUnits }: EnrolParameters): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({
      abi: iTasksAbi,
      functionName: 'enrol',
      args: [taskId, sampleRoot, dataUnits],
    }),
    action: `enrol in task ${taskId}`,
  }
}

/**
 * Takes part in a task as a contributor: reserves stake, takes the task's fee and commits to the data.
 *
 * @example await enrol(client, { taskId: 1n, sampleRoot, dataUnits: 600 })
 */
export function enrol(
  client: AssayClient,
  parameters: EnrolParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, enrolCall(client.deployment, parameters), options)
}
