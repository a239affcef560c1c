import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { plainText } from '@assay/sdk/client/plain-text.ts'
import {
  CANARY_TRUTHS,
  type CanaryContract,
  type CanaryStatus,
  type CanaryTruth,
} from '@assay/sdk/protocol/canary.ts'
import { type Canary, readCanaries } from '@assay/sdk/verbs/canaries/read-canaries.ts'
import { type CanaryFile, digestIn } from './canary-file.ts'
import { CliError } from './failure.ts'
import { percentText } from './format.ts'

const STATUSES: Record<CanaryStatus, string> = {
  none: 'unknown',
  committed: 'not opened',
  opened: 'opened',
  withdrawn: 'withdrawn',
  burnt: 'burnt: its owner did not open it',
}
const ANSWERS = Object.keys(CANARY_TRUTHS).join(', ')
const MOST_BPS = 10_000

/** Where a deployment keeps canaries. */
export function contractOf({ deployment }: AssayReader): CanaryContract {
  return { chainId: deployment.chainId, canaries: deployment.contracts.canaries }
}

/** What seats should say, from `--answer`: a name, or two bounds of a quality in bps. @throws CliError for anything else */
export function parseTruth(text: string): CanaryTruth {
  if (Object.hasOwn(CANARY_TRUTHS, text)) return CANARY_TRUTHS[text as keyof typeof CANARY_TRUTHS]
  const [, least, most] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []
  const [leastQualityBps, mostQualityBps] = [Number(least), Number(most)]
  if (leastQualityBps <= mostQualityBps && mostQualityBps <= MOST_BPS)
    return { hasOpening: true, leastQualityBps, mostQualityBps }
  throw new CliError(
    'usage',
    `--answer "${plainText(text)}" is neither ${ANSWERS} nor two bounds of a quality in bps.`,
    'Bounds are in order and at most 10000, such as 100-5000.',
  )
}

/** What seats should say, in words. */
export function truthText({ hasOpening, leastQualityBps, mostQualityBps }: CanaryTruth): string {
  if (!hasOpening) return 'that it has no opening (S0)'
  if (mostQualityBps === 0) return 'that it does not help: quality 0'
  return `a quality from ${percentText(leastQualityBps)} to ${percentText(mostQualityBps)}`
}

/** A canary in a few lines. */
export function canaryText({ canaryId, round, owner, bond, status, opened }: Canary): string {
  const first = `Canary ${canaryId}, round ${round}, of ${owner}: ${STATUSES[status]}`
  if (opened === undefined) return `${first}\n  bond        ${amountText(bond, ASSAY)}`
  const { contributor, truth, submission } = opened
  return `${first}\n  submission  ${submission}, by ${contributor}\n  right is    ${truthText(truth)}`
}

/** The canary on chain that a file is about. @throws CliError when nobody committed to it */
export async function canaryOfFile(reader: AssayReader, path: string, file: CanaryFile): Promise<Canary> {
  const found = await findCommitted(reader, file)
  if (found !== undefined) return found
  throw new CliError(
    'failed',
    `Nobody has committed to the canary of ${path}.`,
    'Commit to it before its round opens: assay canary commit, with the same --file.',
  )
}

/** The canary on chain with a file's commitment. */
export async function findCommitted(reader: AssayReader, file: CanaryFile): Promise<Canary | undefined> {
  const digest = digestIn(file)
  const all = await readCanaries(reader, { taskId: file.taskId })
  return all.find((one) => one.digest === digest)
}
