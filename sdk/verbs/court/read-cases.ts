import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { collectLogs } from '../../client/logs.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import { iJuryAbi } from '../../generated/IJury.ts'
import {
  CASE_KINDS,
  CASE_VERDICTS,
  type CaseFacts,
  type CaseState,
  factsHash,
  PANEL_STATUSES,
  type PanelState,
  type PollState,
  placesIn,
} from '../../protocol/cases.ts'

/** A case: what it is about, and where it stands. */
export type CourtCase = { caseId: bigint; openedBlock: bigint; facts: CaseFacts; state: CaseState }

export type ReadCasesParameters = AtBlock & {
  /** Of this task only. */
  taskId?: bigint
  /** Against this account only: the one that a case was opened against. */
  defendant?: Address
}

/**
 * Cases by number: what they are about from the court's events, where they stand from its state.
 *
 * @example const cases = await readCases(reader, { taskId: 1n })
 */
export async function readCases(reader: AssayReader, parameters: ReadCasesParameters): Promise<CourtCase[]> {
  const { chain } = reader
  const blockNumber = parameters.blockNumber ?? (await chain.getBlockNumber({ cacheTime: 0 }))
  const opened = await readOpenedCases(reader, { ...parameters, blockNumber })
  return Promise.all(
    opened.map(async (one) => ({
      ...one,
      state: await readCaseState(reader, { caseId: one.caseId, blockNumber }),
    })),
  )
}

/**
 * What cases are about, by number, without asking where they stand: that never changes, so a reader that remembers logs asks once.
 *
 * @example const cases = await readOpenedCases(reader, { taskId: 1n, blockNumber })
 */
export async function readOpenedCases(
  reader: AssayReader,
  { taskId, defendant, blockNumber }: ReadCasesParameters & { blockNumber: bigint },
): Promise<Omit<CourtCase, 'state'>[]> {
  const { chain, deployment } = reader
  const logs = await collectLogs(
    reader,
    `CaseOpened/${taskId ?? ''}/${defendant?.toLowerCase() ?? ''}`,
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.court,
        abi: iCourtAbi,
        eventName: 'CaseOpened',
        args: { ...(taskId !== undefined && { taskId }), ...(defendant !== undefined && { defendant }) },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(deployment.startBlock), to: blockNumber },
  )
  return logs.map(({ args: { caseId, facts }, blockNumber: openedBlock }) => ({
    caseId,
    openedBlock,
    facts: { ...facts, kind: CASE_KINDS[facts.kind] ?? 'none' },
  }))
}

/**
 * Where a case stands.
 *
 * @example const { verdict, readyAt } = await readCaseState(reader, { caseId: 1n })
 * @param parameters.knownPanel gives a panel as of the block, where the caller knows it: then it isn't read
 * @returns without a verdict and with a zero deadline for a case that doesn't exist
 */
export async function readCaseState(
  { chain, deployment }: AssayReader,
  {
    caseId,
    knownPanel,
    ...block
  }: { caseId: bigint; knownPanel?: (panelId: bigint) => PanelState | undefined } & AtBlock,
): Promise<CaseState> {
  const at = { ...atBlock(block), address: deployment.contracts.court, abi: iCourtAbi } as const
  const stored = await chain.readContract({ ...at, functionName: 'caseOf', args: [caseId] })
  const { isClosed, wasSuspended, instance, readyAt } = stored
  const panelId = BigInt(stored.panelIds[instance] ?? 0)
  return {
    verdict: CASE_VERDICTS[stored.verdict] ?? 'none',
    isClosed,
    wasSuspended,
    instance,
    readyAt,
    panelIds: stored.panelIds.slice(0, instance + 1).map(BigInt),
    panel:
      panelId === 0n
        ? undefined
        : (knownPanel?.(panelId) ?? (await readPanel({ chain, deployment }, { panelId, ...block }))),
    ...(wasSuspended && !isClosed && { poll: await readPoll({ chain, deployment }, { caseId, ...block }) }),
  }
}

/**
 * Whether the court has a case with this number and these facts now. Events that were read before may be of a branch of the chain that
 * is gone.
 *
 * @example if (await isCaseOf(reader, { caseId, facts })) …
 */
export async function isCaseOf(
  { chain, deployment }: AssayReader,
  { caseId, facts, ...block }: Pick<CourtCase, 'caseId' | 'facts'> & AtBlock,
): Promise<boolean> {
  const at = { ...atBlock(block), address: deployment.contracts.court, abi: iCourtAbi } as const
  const stored = await chain.readContract({ ...at, functionName: 'caseOf', args: [caseId] })
  return stored.factsHash === factsHash(facts)
}

async function readPoll(
  { chain, deployment }: AssayReader,
  { caseId, ...block }: { caseId: bigint } & AtBlock,
): Promise<PollState> {
  const at = { ...atBlock(block), address: deployment.contracts.jury, abi: iJuryAbi } as const
  const { voted, ...poll } = await chain.readContract({ ...at, functionName: 'pollOf', args: [caseId] })
  return { ...poll, voted: placesIn(voted) }
}

/** A panel ends with its reveals; one without a jury ended when it should have been drawn. */
async function readPanel(
  { chain, deployment }: AssayReader,
  { panelId, ...block }: { panelId: bigint } & AtBlock,
): Promise<PanelState> {
  const at = { ...atBlock(block), address: deployment.contracts.jury, abi: iJuryAbi } as const
  const [statusNumber, revealEnd, { drawnAt, drawn }] = await Promise.all([
    chain.readContract({ ...at, functionName: 'statusOf', args: [panelId] }),
    chain.readContract({ ...at, functionName: 'revealEndOf', args: [panelId] }),
    chain.readContract({ ...at, functionName: 'panelOf', args: [panelId] }),
  ])
  const status = PANEL_STATUSES[statusNumber] ?? 'none'
  const endsAt = status === 'empty' ? drawnAt : Number(revealEnd)
  return { id: panelId, status, drawnAt, endsAt, places: placesIn(drawn) }
}
