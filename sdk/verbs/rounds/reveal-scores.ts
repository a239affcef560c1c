import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'

export type RevealScoresParameters = {
  taskId: bigint
  cohorts: readonly number[]
  /** Two a cohort, from `packSheet`. */
  words: readonly bigint[]
  salt: Hash
}

/** The call of {@link revealScores}, unsigned. */
export function revealScoresCall(
  deployment: Deployment,
  { taskId, cohorts, words, salt }: RevealScoresParameters,
): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({
      abi: iRoundsAbi,
      functionName: 'revealScores',
      args: [taskId, cohorts, words, salt],
    }),
    action: `reveal the scores of ${cohorts.length} cohorts in task ${taskId}`,
  }
}

/**
 * Reveals exactly what was committed.
 *
 * @example await revealScores(client, { taskId: 1n, cohorts, words, salt })
 */
export function revealScores(
  client: AssayClient,
  parameters: RevealScoresParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, revealScoresCall(client.deployment, parameters), options)
}
