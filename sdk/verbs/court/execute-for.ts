import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventsIn } from '../../client/events.ts'
import { logsInRanges } from '../../client/logs.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
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

/** What a defendant that was added lost: ASSAY wei, and reward wei of the task. `penalty` is 0 if the offence was punished already. */
export type Punished = { penalty: bigint; taken: bigint; forfeited: bigint }

/**
 * Carries out the verdict of a closed case for a defendant that was added to it: takes its penalty if it is guilty, and else gives back
 * the pay that the case keeps. Anyone can.
 *
 * @example const { value } = await executeFor(client, { caseId, facts, defendant })
 * @returns what was taken: `value`, undefined unless the case ended guilty
 */
export function executeFor(
  client: AssayClient,
  parameters: ExecuteForParameters,
  options?: SendOptions,
): Promise<Sent<Punished | undefined>> {
  return withValue(send(client, executeForCall(client.deployment, parameters), options), (receipt) => {
    const [taken] = eventsIn(receipt, iCourtAbi, 'PenaltyTaken')
    return taken && { penalty: taken.penalty, taken: taken.taken, forfeited: taken.forfeited }
  })
}
