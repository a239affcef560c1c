import type { Block } from '@assay/daemon/clock.ts'
import type { WorkContext } from '@assay/daemon/work-context.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { MerkleTree } from '@assay/sdk/protocol/merkle.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Standing } from '@assay/sdk/verbs/rounds/read-standing.ts'
import type { TaskState } from '@assay/sdk/verbs/tasks/read-task.ts'
import type { ContributorBehaviour } from './behaviour.ts'
import type { ContributorConfig } from './contributor-config.ts'
import type { Meanwhile } from './meanwhile.ts'
import type { Secrets } from './secrets.ts'
import type { TraceFiles } from './trace-file.ts'
import type { WorkLog } from './work-log.ts'

/** The samples that the contributor enrolled with, and what proves them. */
export type OwnData = {
  dataset: Dataset
  /** What the samples are salted with. */
  secret: Hash
  /** Merkle root of the salted samples. */
  sampleRoot: Hash
  /** The tree of that root, from which the evidence of each window takes its proofs; undefined where it would be large. */
  tree: MerkleTree | undefined
  /** What the chain has of them: the hash of their Merkle root and number. */
  root: Hash
}

/** What the chain said that stays so, unless blocks are taken back: it isn't asked again. */
export type Lasting = {
  /** The enrolment that was made with these samples, by the unix seconds of its block. */
  enrolledAt: number | undefined
  /** No round of the task is to come. */
  isOver: boolean
}

/** What all parts of a contributor work with. */
export type ContributorContext = WorkContext<ContributorConfig> & {
  behaviour: ContributorBehaviour
  secrets: Secrets
  works: WorkLog
  traces: TraceFiles
  /** The task as published; it never changes. */
  params: TaskState['params']
  lasting: Lasting
  /** Read from the file when first needed. */
  data: () => Promise<OwnData>
  /** Waits for training; cases are answered meanwhile. */
  meanwhile: Meanwhile
}

/** The chain's state in one tick, all of one block. */
export type Moment = Standing & { block: Block }
