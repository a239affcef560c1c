import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iJuryAbi } from '../../generated/IJury.ts'
import type { Hash } from '../../protocol/random.ts'

export type CommitJuryVoteParameters = {
  panelId: bigint
  /** The juror's place in the roster. */
  place: number
  /** From `juryVoteCommitment`. */
  digest: Hash
}

/** The call of {@link commitJuryVote}, unsigned. */
export function commitJuryVoteCall(
  deployment: Deployment,
  { panelId, place, digest }: CommitJuryVoteParameters,
): Call {
  return {
    to: deployment.contracts.jury,
    data: encodeFunctionData({
      abi: iJuryAbi,
      functionName: 'commitVote',
      args: [panelId, BigInt(place), digest],
    }),
    action: `commit to a vote in panel ${panelId}`,
  }
}

/**
 * Commits a juror to its vote in a panel. Once a panel: nothing changes it any more.
 *
 * @example await commitJuryVote(client, { panelId, place, digest })
 */
export function commitJuryVote(
  client: AssayClient,
  parameters: CommitJuryVoteParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, commitJuryVoteCall(client.deployment, parameters), options)
}
