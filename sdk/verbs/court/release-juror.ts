import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'

export type ReleaseJurorParameters = { juror: Address }

/** The call of {@link releaseJuror}, unsigned. */
export function releaseJurorCall(deployment: Deployment, { juror }: ReleaseJurorParameters): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({ abi: iCourtAbi, functionName: 'releaseJuror', args: [juror] }),
    action: `release the stake of juror ${juror}`,
  }
}

/**
 * Releases the stake of a juror that left, once no case can need it. Anyone can.
 *
 * @example await releaseJuror(client, { juror })
 */
export function releaseJuror(
  client: AssayClient,
  parameters: ReleaseJurorParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, releaseJurorCall(client.deployment, parameters), options)
}
