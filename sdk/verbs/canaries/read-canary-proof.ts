import type { Address, ContractFunctionArgs } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import type { iCanariesAbi } from '../../generated/ICanaries.ts'
import { cohortPlace } from '../../protocol/cohorts.ts'
import { commitmentIn, type PageProof } from '../../protocol/page-proof.ts'
import type { Hash } from '../../protocol/random.ts'
import { packResult } from '../../protocol/results.ts'
import { readPageProof } from '../court/accuse-withholding.ts'
import { readRoundProof } from '../court/read-round-proof.ts'
import { readCohortResults } from '../rounds/read-cohort-results.ts'
import { readSealedBeacon } from '../rounds/read-round-basis.ts'
import { readSubmissions } from '../rounds/read-submissions.ts'

/** What a submission was paid, as the contract takes it. */
export type PayProof = ContractFunctionArgs<typeof iCanariesAbi, 'nonpayable', 'open'>[5]

/** What opening a canary takes from the chain. */
export type CanaryProof = {
  page: PageProof
  /** What the contributor submitted. */
  commitment: Hash
  paid: PayProof
  /** Reward wei, held pay included: its owner gives that back. */
  pay: bigint
}

/**
 * Proves a submission and its pay from the events of a round whose cohorts are all done.
 *
 * @example const { page, paid, pay } = await readCanaryProof(reader, { taskId: 1n, round: 3, contributor })
 * @throws AssayError `NoSubmission`, `RoundNotKept`, `LogsIncomplete` (transient)
 */
export async function readCanaryProof(
  reader: AssayReader,
  of: { taskId: bigint; round: number; contributor: Address },
): Promise<CanaryProof> {
  const { taskId, round } = of
  const page = await readPageProof(reader, of)
  const [{ proof: record }, submissions, beacon, settled] = await Promise.all([
    readRoundProof(reader, { taskId, round }),
    readSubmissions(reader, { taskId, round }),
    readSealedBeacon(reader, { taskId, round }),
    readCohortResults(reader, { taskId, round }),
  ])
  const place = cohortPlace({ beacon, count: submissions.length, index: Number(page.index) })
  if (place === undefined) throw new RangeError(`submission ${page.index} of ${submissions.length}`)
  const { cohort, position } = place
  const results = settled.find((one) => one.cohort === cohort)?.results ?? []
  const own = results[position]
  return {
    page,
    commitment: commitmentIn(page),
    paid: { record, cohort, member: BigInt(position), results: results.map(packResult) },
    pay: own === undefined ? 0n : own.computePay + own.dataPay,
  }
}
