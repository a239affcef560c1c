import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { logsInRanges } from '../../client/logs.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import type { CaseFacts } from '../../protocol/cases.ts'
import { factsArgument } from './facts-argument.ts'

export type ExecuteForParameters = {
  caseId: bigint
  facts: CaseFacts
  /** Who was added to the case. */
  defendant: Address
}

/**
 * Who was added to a case as a defendant, by its events: voters for the same hash, or who claims to have replayed the window.
 *
 * @example const defendants = await readAddedDefendants(reader, { caseId, openedBlock, blockNumber })
 */
export async function readAddedDefendants(
  { chain, deployment }: AssayReader,
  of: { caseId: bigint; openedBlock: bigint; blockNumber: bigint },
): Promise<Address[]> {
  const logs = await logsInRanges(
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.court,
        abi: iCourtAbi,
        eventName: 'DefendantAdded',
        args: { caseId: of.caseId },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: of.openedBlock, to: of.blockNumber },
  )
  return logs.map(({ args }) => args.defendant)
}

/** The call of {@link executeFor}, unsigned. */
export function executeForCall(
  deployment: Deployment,
  { caseId, facts, defendant }: ExecuteForParameters,
): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({
      abi: iCourtAbi,
      functionName: 'executeFor',
      args: [caseId, factsArgument(facts), defendant],
    }),
    action: `carry out the verdict of case ${caseId} for ${defendant}`,
  }
}

/**
 * Carries out the verdict of a closed case for a defendant that was added to it: takes its penalty if it is guilty, and else gives back
 * the pay that the case keeps. Anyone can.
 *
 * @example await executeFor(client, { caseId, facts, defendant })
 */
export function executeFor(
  client: AssayClient,
  parameters: ExecuteForParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, executeForCall(client.deployment, parameters), options)
}
