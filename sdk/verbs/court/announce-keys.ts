import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import type { Hash } from '../../protocol/random.ts'

export type AnnounceKeysParameters = {
  caseId: bigint
  panelId: bigint
  /** sha256 of the blob with the key to the case's evidence, encrypted to each juror of the panel. */
  keysBlob: Hash
}

/** The call of {@link announceKeys}, unsigned. */
export function announceKeysCall(
  deployment: Deployment,
  { caseId, panelId, keysBlob }: AnnounceKeysParameters,
): Call {
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iAccusationsAbi,
      functionName: 'announceKeys',
      args: [caseId, panelId, keysBlob],
    }),
    action: `tell the jurors of panel ${panelId} where the key to the evidence of case ${caseId} is`,
  }
}

/**
 * Tells the jurors of a panel where the key to a case's evidence is. Anyone can; they try that of the parties and appellants first.
 *
 * @example await announceKeys(client, { caseId, panelId, keysBlob })
 */
export function announceKeys(
  client: AssayClient,
  parameters: AnnounceKeysParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, announceKeysCall(client.deployment, parameters), options)
}
