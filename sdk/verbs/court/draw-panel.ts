import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iJuryAbi } from '../../generated/IJury.ts'

export type DrawPanelParameters = { panelId: bigint }

/** The call of {@link drawPanel}, unsigned. */
export function drawPanelCall(deployment: Deployment, { panelId }: DrawPanelParameters): Call {
  return {
    to: deployment.contracts.jury,
    data: encodeFunctionData({ abi: iJuryAbi, functionName: 'draw', args: [panelId] }),
    action: `draw panel ${panelId}`,
  }
}

/**
 * Draws the jurors of a panel once its beacon exists, or asks for another beacon if that one is gone. Anyone can.
 *
 * @example await drawPanel(client, { panelId: state.panel.id })
 */
export function drawPanel(
  client: AssayClient,
  parameters: DrawPanelParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, drawPanelCall(client.deployment, parameters), options)
}
