import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import type { CaseFacts } from '../../protocol/cases.ts'
import type { VoteAccusation } from './accuse-vote.ts'
import { factsArgument } from './facts-argument.ts'

export type AccuseVoterParameters = Pick<VoteAccusation, 'statement' | 'vote' | 'proof'> & {
  caseId: bigint
  /** Of the case. */
  facts: CaseFacts
  /** Another voter for the same hash. */
  validator: `0x${string}`
}

/** The call of {@link accuseVoter}, unsigned. */
export function accuseVoterCall(deployment: Deployment, parameters: AccuseVoterParameters): Call {
  const { caseId, facts, validator, statement, vote, proof } = parameters
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iAccusationsAbi,
      functionName: 'accuseVoter',
      args: [caseId, factsArgument(facts), validator, statement, vote, proof],
    }),
    action: `accuse ${validator} in case ${caseId}, too`,
  }
}

/**
 * Accuses another voter for the same hash in an open case about a vote. It takes no bond.
 *
 * @example
 * const proof = await readVoteProof(reader, { taskId, round, validator, cohort })
 * await accuseVoter(client, { caseId, facts, validator, ...proof })
 */
export function accuseVoter(
  client: AssayClient,
  parameters: AccuseVoterParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, accuseVoterCall(client.deployment, parameters), options)
}
