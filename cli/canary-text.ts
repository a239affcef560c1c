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
import type { CanaryStage } from '@assay/sdk/verbs/canaries/read-canary-stage.ts'
import { type CanaryFile, digestIn } from './canary-file.ts'
import { CliError } from './failure.ts'
import { deadlineText, percentText } from './format.ts'

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

/** A canary, and what is due while it is committed to. */
export type CanaryAt = Canary & { due?: CanaryStage }

/** A canary in a few lines. @param now the chain's time, in unix seconds */
export function canaryText(canary: CanaryAt, now: number): string {
  const { canaryId, round, owner, bond, status, opened, due } = canary
  const first = `Canary ${canaryId}, round ${round}, of ${owner}: ${STATUSES[status]}`
  if (due !== undefined)
    return `${first}\n  bond        ${amountText(bond, ASSAY)}\n  due         ${dueText(canary, due, now)}`
  if (opened === undefined) return first
  const { contributor, truth, submission } = opened
  return `${first}\n  submission  ${submission}, by ${contributor}\n  right is    ${truthText(truth)}`
}

function dueText({ canaryId }: Canary, due: CanaryStage, now: number): string {
  switch (due.stage) {
    case 'ahead':
      return 'nothing: its round has not opened, and its owner can still withdraw it'
    case 'running':
      return 'nothing: its owner opens it once all cohorts of its round are done'
    case 'void':
      return 'its round was void: its owner takes the bond back with assay canary withdraw'
    case 'expired':
      return `nobody opened it in time: anyone burns the bond with assay canary burn ${canaryId}`
    case 'due':
      return due.finalAt === undefined
        ? 'its owner opens it now, best before the round closes: assay canary open'
        : `its owner opens it until ${deadlineText(due.finalAt, now)}: assay canary open`
  }
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
