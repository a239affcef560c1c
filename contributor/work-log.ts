import type { DatabaseSync } from 'node:sqlite'
import type { Hash } from '@assay/sdk/random.ts'

/** What a contributor committed to, or is about to. Written once, before anything of it leaves the machine. */
export type Work = {
  id: number
  taskId: bigint
  round: number
  /** The model trained from, and the beacon that fixed the batches: with other ones it is other work. */
  baseModelHash: Hash
  previousBeacon: Hash
  updateHash: Hash
  stateRoot: Hash
  /** Hashes of the states at the window borders, W + 1. */
  stateHashes: Hash[]
  steps: number
  dataRoot: Hash
  salt: Hash
  commitment: Hash
  /** Number of earlier works of the same round, which a reorganised chain left without a base. */
  sequence: number
  opened: boolean
}

export type NewWork = Omit<Work, 'id' | 'sequence' | 'opened'>

/** Tables of the contributor. A migration, once released, never changes: append another. */
export const CONTRIBUTOR_MIGRATIONS = [
  `CREATE TABLE works (
     id INTEGER PRIMARY KEY,
     task_id TEXT NOT NULL,
     round INTEGER NOT NULL,
     base_model_hash TEXT NOT NULL,
     previous_beacon TEXT NOT NULL,
     sequence INTEGER NOT NULL,
     commitment TEXT NOT NULL UNIQUE,
     content TEXT NOT NULL,
     opened INTEGER NOT NULL DEFAULT 0,
     UNIQUE (task_id, round, base_model_hash, previous_beacon)
   ) STRICT;
   CREATE TABLE evidence (
     work_id INTEGER NOT NULL REFERENCES works (id),
     window INTEGER NOT NULL,
     validator TEXT NOT NULL,
     outcome TEXT NOT NULL,
     PRIMARY KEY (work_id, window, validator)
   ) STRICT;`,
]

type Row = {
  id: number
  task_id: string
  round: number
  base_model_hash: Hash
  previous_beacon: Hash
  sequence: number
  commitment: Hash
  content: string
  opened: number
}

type Content = Pick<Work, 'updateHash' | 'stateRoot' | 'stateHashes' | 'steps' | 'dataRoot' | 'salt'>

/** The contributor's rows. Every write is on disk when its function returns. */
export type WorkLog = ReturnType<typeof openWorkLog>

export function openWorkLog(db: DatabaseSync) {
  const insert = db.prepare(
    `INSERT INTO works (task_id, round, base_model_hash, previous_beacon, sequence, commitment, content)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const ofRound = db.prepare('SELECT * FROM works WHERE task_id = ? AND round = ? ORDER BY sequence')
  const open = db.prepare('UPDATE works SET opened = 1 WHERE id = ?')
  const answer = db.prepare('INSERT INTO evidence VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const answered = db.prepare('SELECT 1 FROM evidence WHERE work_id = ? AND window = ? AND validator = ?')

  const earlierBase = db.prepare(
    `SELECT base_model_hash FROM works WHERE task_id = ? AND round < ? AND base_model_hash <> ?
     ORDER BY round DESC, sequence DESC LIMIT 1`,
  )

  const works = (taskId: bigint, round: number) =>
    (ofRound.all(taskId.toString(), round) as Row[]).map(workOf)

  return {
    /** All works of a round: one, unless the chain was reorganised. */
    works,

    /** Keeps a work for good and returns it as kept. */
    record(work: NewWork): Work {
      const { taskId, round, baseModelHash, previousBeacon, commitment } = work
      const { updateHash, stateRoot, stateHashes, steps, dataRoot, salt } = work
      const content: Content = { updateHash, stateRoot, stateHashes, steps, dataRoot, salt }
      const sequence = works(taskId, round).length
      const place = [taskId.toString(), round, baseModelHash, previousBeacon] as const
      insert.run(...place, sequence, commitment, JSON.stringify(content))
      return works(taskId, round).find((kept) => kept.commitment === commitment)!
    },

    /** The base model of the newest earlier round that trained from another one than this. */
    lastBaseBefore({
      taskId,
      round,
      baseModelHash,
    }: Pick<Work, 'taskId' | 'round' | 'baseModelHash'>): Hash | undefined {
      const row = earlierBase.get(taskId.toString(), round, baseModelHash) as
        | { base_model_hash: Hash }
        | undefined
      return row?.base_model_hash
    },

    markOpened: (work: Work): void => void open.run(work.id),

    /** Whether the evidence of a window was published for a validator, or cannot be. */
    isAnswered: (work: Work, window: number, validator: string): boolean =>
      answered.get(work.id, window, validator.toLowerCase()) !== undefined,

    /** @param outcome hash of the sealed evidence's blob, or why there is none */
    markAnswered: (work: Work, window: number, validator: string, outcome: string): void =>
      void answer.run(work.id, window, validator.toLowerCase(), outcome),
  }
}

function workOf(row: Row): Work {
  return {
    ...(JSON.parse(row.content) as Content),
    id: row.id,
    taskId: BigInt(row.task_id),
    round: row.round,
    baseModelHash: row.base_model_hash,
    previousBeacon: row.previous_beacon,
    sequence: row.sequence,
    commitment: row.commitment,
    opened: row.opened === 1,
  }
}
