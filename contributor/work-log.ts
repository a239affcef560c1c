import type { DatabaseSync } from 'node:sqlite'
import type { Hash } from '@assay/sdk/protocol/random.ts'

/** What a contributor has committed to, or is about to. It is written once, before anything of it is published. */
export type Work = {
  id: number
  taskId: bigint
  round: number
  /**
   * The model that training started from, and the beacon that fixed the batches. Different ones make different work.
   */
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
  /** Number of earlier works of the same round, whose base or beacon a reorganisation removed. */
  sequence: number
  opened: boolean
}

export type NewWork = Omit<Work, 'id' | 'sequence' | 'opened'>

/** The windows of a work that a beacon draws. One of an earlier round, held rounds have them, is `round/window`. */
export type Draw = { beacon: Hash; windows: (number | string)[] }

/** Tables of the contributor. Never change a released migration: append another one. */
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
  // One row a round, however many works and beacons a node shows.
  `CREATE TABLE draws (
     task_id TEXT NOT NULL,
     round INTEGER NOT NULL,
     work_id INTEGER NOT NULL REFERENCES works (id),
     beacon TEXT NOT NULL,
     windows TEXT NOT NULL,
     PRIMARY KEY (task_id, round)
   ) STRICT;`,
  // Windows of a held round are shown anew when the last round draws them.
  'ALTER TABLE evidence ADD COLUMN draw_round INTEGER NOT NULL DEFAULT 0;',
]

/** The last round and at most 128 held ones. */
const MOST_ROUNDS_DRAWN = 129

/** A window that a round's draw asks for, and who reads it. */
type Answer = { drawRound: number; window: number; validator: string }

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

type DrawRow = { work_id: number; beacon: Hash; windows: string }

type Content = Pick<Work, 'updateHash' | 'stateRoot' | 'stateHashes' | 'steps' | 'dataRoot' | 'salt'>

/** A contributor's records. Every write is on disk when its function returns. */
export type WorkLog = ReturnType<typeof openWorks> & ReturnType<typeof openAnswers>

/**
 * Opens a contributor's records: what it committed to, and which windows of it were published.
 *
 * @param db opened with `CONTRIBUTOR_MIGRATIONS`
 */
export function openWorkLog(db: DatabaseSync): WorkLog {
  return { ...openWorks(db), ...openAnswers(db) }
}

/** What a commitment hides. */
export type CommittedFields = Pick<
  Work,
  'baseModelHash' | 'updateHash' | 'stateRoot' | 'steps' | 'dataRoot' | 'salt'
>

/** What a work's commitment hides, out of all that is recorded of the work. */
export function fieldsOf(work: CommittedFields): CommittedFields {
  const { baseModelHash, updateHash, stateRoot, steps, dataRoot, salt } = work
  return { baseModelHash, updateHash, stateRoot, steps, dataRoot, salt }
}

/** What a commitment hides, by the records in the database of a contributor that doesn't run; undefined if it isn't there. */
export function findFields(
  db: DatabaseSync,
  { taskId, round, commitment }: Pick<Work, 'taskId' | 'round' | 'commitment'>,
): CommittedFields | undefined {
  const rows = db
    .prepare('SELECT * FROM works WHERE task_id = ? AND round = ? AND commitment = ?')
    .all(taskId.toString(), round, commitment) as Row[]
  const [work] = rows.map(workOf)
  return work === undefined ? undefined : fieldsOf(work)
}

function openWorks(db: DatabaseSync) {
  const insert = db.prepare(
    `INSERT INTO works (task_id, round, base_model_hash, previous_beacon, sequence, commitment, content)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const ofRound = db.prepare('SELECT * FROM works WHERE task_id = ? AND round = ? ORDER BY sequence')
  const open = db.prepare('UPDATE works SET opened = 1 WHERE id = ?')
  const earlierBase = db.prepare(
    `SELECT base_model_hash FROM works WHERE task_id = ? AND round < ? AND base_model_hash <> ?
     ORDER BY round DESC, sequence DESC LIMIT 1`,
  )
  const newest = db.prepare(
    'SELECT * FROM works WHERE task_id = ? ORDER BY round DESC, sequence DESC LIMIT ?',
  )
  const works = (taskId: bigint, round: number) =>
    (ofRound.all(taskId.toString(), round) as Row[]).map(workOf)

  return {
    /** All works of a round: one, unless the chain was reorganised. */
    works,

    /** Stores a work for good. @returns the stored work */
    record(work: NewWork): Work {
      const { taskId, round, baseModelHash, previousBeacon, commitment } = work
      const { updateHash, stateRoot, stateHashes, steps, dataRoot, salt } = work
      const content: Content = { updateHash, stateRoot, stateHashes, steps, dataRoot, salt }
      const sequence = works(taskId, round).length
      const place = [taskId.toString(), round, baseModelHash, previousBeacon] as const
      insert.run(...place, sequence, commitment, JSON.stringify(content))
      return works(taskId, round).find((kept) => kept.commitment === commitment)!
    },

    /** The base model of the newest earlier round that had another base model than this one. */
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

    /** State roots of the newest works of a task, the newest first: of as many rounds as its final audit draws from. */
    newestRoots: (taskId: bigint): Hash[] =>
      (newest.all(taskId.toString(), MOST_ROUNDS_DRAWN) as Row[]).map((row) => workOf(row).stateRoot),

    markOpened: (work: Work): void => void open.run(work.id),
  }
}

function openAnswers(db: DatabaseSync) {
  const insertDraw = db.prepare('INSERT INTO draws VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const drawOfRound = db.prepare('SELECT * FROM draws WHERE task_id = ? AND round = ?')
  const answer = db.prepare(
    `INSERT INTO evidence VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET outcome = excluded.outcome, draw_round = excluded.draw_round`,
  )
  const answered = db.prepare(
    'SELECT 1 FROM evidence WHERE work_id = ? AND window = ? AND validator = ? AND draw_round = ?',
  )

  return {
    /** Records the draw that a round's evidence is published for. The first one counts for good. */
    keepDraw: ({ id, taskId, round }: Work, { beacon, windows }: Draw): void =>
      void insertDraw.run(taskId.toString(), round, id, beacon, JSON.stringify(windows)),

    /** The draw and the work that a round's evidence is published for; undefined before the first answer. */
    draw(taskId: bigint, round: number): (Draw & { workId: number }) | undefined {
      const row = drawOfRound.get(taskId.toString(), round) as DrawRow | undefined
      if (row === undefined) return undefined
      const windows = JSON.parse(row.windows) as Draw['windows']
      return { workId: row.work_id, beacon: row.beacon, windows }
    },

    /** Whether a window's evidence was published for a validator, as that round's draw asks, or can't be. */
    isAnswered: (work: Work, { drawRound, window, validator }: Answer): boolean =>
      answered.get(work.id, window, validator.toLowerCase(), drawRound) !== undefined,

    /** @param outcome hash of the encrypted evidence's blob, or the reason why there is none */
    markAnswered: (work: Work, { drawRound, window, validator }: Answer, outcome: string): void =>
      void answer.run(work.id, window, validator.toLowerCase(), outcome, drawRound),
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
