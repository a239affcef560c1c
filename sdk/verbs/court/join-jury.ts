import { encodeFunctionData, type Hex } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'

export type JoinJuryParameters = {
  /** ASSAY wei of free stake to reserve; more than four minima give no more weight. */
  amount: bigint
  /** Public key to which evidence is encrypted. */
  encryptionKey: Hex
}

/** The call of {@link joinJury}, unsigned. */
export function joinJuryCall(deployment: Deployment, { amount, encryptionKey }: JoinJuryParameters): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({ abi: iCourtAbi, functionName: 'joinJury', args: [amount, encryptionKey] }),
    action: `join the jury with ${amount} wei`,
  }
}

/**
 * Takes a place in the jury's roster and reserves stake for it. A juror has to answer for every panel that it is drawn for.
 *
 * @example await joinJury(client, { amount: parseEther('1000'), encryptionKey })
 */
export function joinJury(
  client: AssayClient,
  parameters: JoinJuryParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, joinJuryCall(client.deployment, parameters), options)
}
