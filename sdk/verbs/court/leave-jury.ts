import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'

/** The call of {@link leaveJury}, unsigned. */
export function leaveJuryCall(deployment: Deployment): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({ abi: iCourtAbi, functionName: 'leaveJury' }),
    action: 'leave the jury',
  }
}

/**
 * Gives up the sender's place in the jury. It still answers for panels that it could have been drawn for.
 *
 * @example await leaveJury(client)
 */
export function leaveJury(client: AssayClient, options?: SendOptions): Promise<Sent> {
  return send(client, leaveJuryCall(client.deployment), options)
}
