import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { OracleBehaviour } from '@assay/oracle/behaviour.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Address } from 'viem'
import type { LabDataset } from '../datasets/lab-dataset.ts'

/** What attackers that work together know and have. */
export type Crowd = {
  /** The honest updates of a round, in the order of contributors: whoever has one shows it to the attackers before they commit. */
  honest(round: number): readonly State[]
  /** Steps that the attackers keep for one another. */
  shared: Map<string, Float32Array>
}

/** What an attacker is made from. */
export type AttackMeans = {
  /** Its own. */
  seed: Hash
  /** Its place among the attackers, from 0, and their number. */
  place: number
  attackers: number
  contributors: number
  /** The samples that the first of the attackers has. */
  firstShard: Dataset
  /** The held-out pool, for who got it from a validator. */
  pool: Dataset
  dataset: LabDataset
  contents: TaskPackage
  crowd: Crowd
}

/** What a contributor of the lab may do beside what a daemon could: its blob needn't be made by the program. */
export type LabBehaviour = ContributorBehaviour & {
  /** Submits when nobody can any more. */
  isLate?: true
  /** Publishes another blob than that of its update. */
  blob?: (blob: Uint8Array) => Uint8Array
  /** Which of the accounts that it made it enrols with, knowing the beacon so far. */
  chooseAccount?: (accounts: readonly Address[], beacon: Hash) => number
}

/** A way to attack a federation. */
export type Attack = {
  /** As the command line and reports call it. */
  name: string
  /** For help: what attackers do. */
  description: string
  /** Set when the attackers are one person's identities that share the first one's samples. */
  isOnePerson?: true
  /** What contributors do who attack; without it none does. */
  play?: (means: AttackMeans) => LabBehaviour
  /** What validators do who attack; without it none does. */
  judge?: (means: JudgeMeans) => OracleBehaviour
}

/** What a validator that attacks is made from. */
export type JudgeMeans = {
  seed: Hash
  /** What it can know of the members of the cohort that it judges without looking at anything. */
  members: () => readonly KnownMember[]
}

/** A member of a cohort as the chain shows it. */
export type KnownMember = {
  /** Whether the beacon names it for an audit. */
  isNamed: boolean
  runningQualityBps: number
  runningRarityBps: number
  /** Whether it is an accomplice. */
  isAttacker: boolean
}
