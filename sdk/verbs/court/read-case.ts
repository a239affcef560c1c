import type { AssayReader } from '../../client/clients.ts'
import { AssayError } from '../../client/errors.ts'
import { logsInRanges } from '../../client/logs.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import { CASE_KINDS } from '../../protocol/cases.ts'
import { type CourtCase, readCaseState } from './read-cases.ts'

/**
 * One case by its number.
 *
 * @example const { facts, state } = await readCase(reader, { caseId: 1n })
 * @throws AssayError `NoSuchCase` when the court has none with this number, `LogsIncomplete` (transient) when the node lacks its event
 */
export async function readCase(reader: AssayReader, { caseId }: { caseId: bigint }): Promise<CourtCase> {
  const { chain, deployment } = reader
  const address = deployment.contracts.court
  const blockNumber = await chain.getBlockNumber({ cacheTime: 0 })
  const count = await chain.readContract({
    address,
    abi: iCourtAbi,
    functionName: 'caseCount',
    blockNumber,
  })
  if (caseId < 1n || caseId > count) throw noSuchCase(caseId, count)
  const [opened] = await logsInRanges(
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address,
        abi: iCourtAbi,
        eventName: 'CaseOpened',
        args: { caseId },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(deployment.startBlock), to: blockNumber },
  )
  if (opened === undefined) throw missingEvent(caseId)
  const { facts } = opened.args
  return {
    caseId,
    openedBlock: opened.blockNumber,
    facts: { ...facts, kind: CASE_KINDS[facts.kind] ?? 'none' },
    state: await readCaseState(reader, { caseId, blockNumber }),
  }
}

function noSuchCase(caseId: bigint, count: bigint): AssayError {
  return new AssayError({
    name: 'NoSuchCase',
    values: { caseId, count },
    message: `There is no case ${caseId}: the court has had ${count}, counted from 1.`,
    fix: 'Name a case of this deployment.',
    kind: 'refused',
  })
}

function missingEvent(caseId: bigint): AssayError {
  return new AssayError({
    name: 'LogsIncomplete',
    values: { caseId },
    message: `The node has case ${caseId}, but not the event that says what it is about.`,
    fix: 'Try again; if it lasts, use a node that keeps all events.',
    kind: 'transient',
  })
}
