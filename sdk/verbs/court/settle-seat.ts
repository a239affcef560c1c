import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'

export type SettleSeatParameters = {
  caseId: bigint
  /** Of the panel: 0, then 1 and 2 for appeals. */
  instance: number
  /** The juror's place in the roster. */
  place: number
}

/** The call of {@link settleSeat}, unsigned. */
export function settleSeatCall(
  deployment: Deployment,
  { caseId, instance, place }: SettleSeatParameters,
): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({
      abi: iCourtAbi,
      functionName: 'settleSeat',
      args: [caseId, BigInt(instance), BigInt(place)],
    }),
    action: `settle the seat at place ${place} of case ${caseId}`,
  }
}

/**
 * Pays a juror's fee for its vote in a closed case, or slashes it. Anyone can.
 *
 * @example await settleSeat(client, { caseId, instance: 0, place })
 */
export function settleSeat(
  client: AssayClient,
  parameters: SettleSeatParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, settleSeatCall(client.deployment, parameters), options)
}
