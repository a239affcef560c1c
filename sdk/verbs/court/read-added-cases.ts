import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { logsInRanges } from '../../client/logs.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import { type CourtCase, readCases } from './read-cases.ts'

export type ReadAddedCasesParameters = { taskId: bigint; account: Address }

/**
 * The cases of a task to which an account was added as a defendant, and in which it still answers: they are open, or closed and their
 * verdict isn't carried out for it yet.
 *
 * @example const cases = await readAddedCases(reader, { taskId: 1n, account })
 */
export async function readAddedCases(
  reader: AssayReader,
  { taskId, account }: ReadAddedCasesParameters,
): Promise<CourtCase[]> {
  const { chain, deployment } = reader
  const blockNumber = await chain.getBlockNumber({ cacheTime: 0 })
  const logs = await logsInRanges(
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.court,
        abi: iCourtAbi,
        eventName: 'DefendantAdded',
        args: { defendant: account },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(deployment.startBlock), to: blockNumber },
  )
  if (logs.length === 0) return []
  const ids = new Set(logs.map(({ args }) => args.caseId))
  const cases = (await readCases(reader, { taskId, blockNumber })).filter(({ caseId }) => ids.has(caseId))
  const answers = await Promise.all(cases.map(({ caseId }) => isAddedDefendant(reader, { caseId, account })))
  return cases.filter((_, i) => answers[i])
}

/**
 * Whether an account was added to a case, besides its first defendant, and its verdict isn't carried out for it yet.
 *
 * @example if (await isAddedDefendant(reader, { caseId: 1n, account })) …
 */
export async function isAddedDefendant(
  { chain, deployment }: Pick<AssayReader, 'chain' | 'deployment'>,
  { caseId, account }: { caseId: bigint; account: Address },
): Promise<boolean> {
  const asked = { address: deployment.contracts.court, abi: iCourtAbi, functionName: 'baseOf' } as const
  return (await chain.readContract({ ...asked, args: [caseId, account] })) !== 0n
}
