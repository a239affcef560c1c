import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iJuryAbi } from '../../generated/IJury.ts'
import type { JuryVote } from '../../protocol/jury-votes.ts'

export type RevealJuryVoteParameters = JuryVote & {
  panelId: bigint
  /** The juror's place in the roster. */
  place: number
}

/** The call of {@link revealJuryVote}, unsigned. */
export function revealJuryVoteCall(
  deployment: Deployment,
  { panelId, place, result, witness, salt }: RevealJuryVoteParameters,
): Call {
  return {
    to: deployment.contracts.jury,
    data: encodeFunctionData({
      abi: iJuryAbi,
      functionName: 'revealVote',
      args: [panelId, BigInt(place), result, witness, salt],
    }),
    action: `reveal the vote in panel ${panelId}`,
  }
}

/**
 * Reveals the vote that a juror committed to.
 *
 * @example await revealJuryVote(client, { panelId, place, ...vote })
 */
export function revealJuryVote(
  client: AssayClient,
  parameters: RevealJuryVoteParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, revealJuryVoteCall(client.deployment, parameters), options)
}
