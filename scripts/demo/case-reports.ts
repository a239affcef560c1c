import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import { type CourtCase, readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { readPanelSeats } from '@assay/sdk/verbs/court/read-seats.ts'
import { formatEther } from 'viem'
import type { CaseReport } from './report-types.ts'

/** Every case about the task: who accused whom, who judged, and what it cost. */
export async function readCaseReports(reader: AssayReader, taskId: bigint): Promise<CaseReport[]> {
  const cases = await readCases(reader, { taskId })
  return Promise.all(cases.map((one) => caseReport(reader, one)))
}

async function caseReport(reader: AssayReader, { caseId, facts, state }: CourtCase): Promise<CaseReport> {
  const { chain, deployment } = reader
  const of = { address: deployment.contracts.court, abi: iCourtAbi, args: { caseId }, strict: true } as const
  const range = { fromBlock: BigInt(deployment.startBlock), toBlock: 'latest' } as const
  const [taken, closed, seats] = await Promise.all([
    chain.getContractEvents({ ...of, ...range, eventName: 'PenaltyTaken' }),
    chain.getContractEvents({ ...of, ...range, eventName: 'CaseClosed' }),
    Promise.all(state.panelIds.filter(Boolean).map((panelId) => readPanelSeats(reader, { panelId }))),
  ])
  const { kind, round, challenger, defendant, evidence, bond } = facts
  return {
    caseId: Number(caseId),
    kind,
    round,
    challenger,
    defendant,
    verdict: state.verdict,
    evidence,
    bond: String(bond),
    slashed: String(taken.reduce((sum, { args }) => sum + args.taken, 0n)),
    reward: String(closed[0]?.args.reward ?? 0n),
    feePerSeat: String(closed[0]?.args.feePerSeat ?? 0n),
    jurors: [...new Set(seats.flat().map(({ juror }) => juror))],
    appeals: state.instance,
  }
}

/** The cases in words. */
export function casesText(cases: readonly CaseReport[], shortened: (address: string) => string): string[] {
  if (cases.length === 0) return []
  return [
    'cases',
    ...cases.flatMap((one) => {
      const appeals = one.appeals === 1 ? '1 appeal' : `${one.appeals} appeals`
      const sums = `slashed ${assay(one.slashed)}, reward ${assay(one.reward)}, ${assay(one.feePerSeat)} a juror, bond ${assay(one.bond)} ASSAY`
      return [
        `${one.caseId}. ${one.kind} in round ${one.round}: ${shortened(one.challenger)} accused ${shortened(one.defendant)}: ${one.verdict}, ${appeals}`,
        `   ${sums}`,
        `   evidence ${shortened(one.evidence)}, jurors ${one.jurors.map(shortened).join(', ') || 'none'}`,
      ]
    }),
    '',
  ]
}

const assay = (wei: string) => formatEther(BigInt(wei))
