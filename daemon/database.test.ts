import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { inTransaction, openDaemonDatabase, recall, remember } from './database.ts'
import { FatalDaemonError } from './errors.ts'

const NOTES = 'CREATE TABLE notes (text TEXT NOT NULL) STRICT'
const MORE_NOTES = 'ALTER TABLE notes ADD COLUMN author TEXT'

describe("a daemon's database", () => {
  let dir: string
  let path: string

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'assay-database-'))
    path = join(dir, 'deeper', 'daemon.sqlite')
  })

  afterEach(() => rmSync(dir, { recursive: true }))

  it('syncs every commit to the disk', () => {
    const db = openDaemonDatabase(path, [])
    expect(db.prepare('PRAGMA journal_mode').get()).to.deep.include({ journal_mode: 'wal' })
    expect(db.prepare('PRAGMA synchronous').get()).to.deep.include({ synchronous: 2 })
    db.close()
  })

  it('is open to one daemon at a time', () => {
    const first = openDaemonDatabase(path, [])
    expect(() => openDaemonDatabase(path, [])).to.throw(FatalDaemonError, /in use by another process/)
    first.close()
    openDaemonDatabase(path, []).close()
  })

  it('runs each migration once and in order', () => {
    const old = openDaemonDatabase(path, [NOTES])
    old.exec("INSERT INTO notes VALUES ('kept')")
    old.close()
    const newer = openDaemonDatabase(path, [NOTES, MORE_NOTES])
    expect({ ...newer.prepare('SELECT * FROM notes').get() }).to.deep.equal({ text: 'kept', author: null })
    newer.close()
  })

  it('refuses a database that a newer program wrote', () => {
    openDaemonDatabase(path, [NOTES, MORE_NOTES]).close()
    expect(() => openDaemonDatabase(path, [NOTES])).to.throw(
      FatalDaemonError,
      /version 2; this program knows versions up to 1/,
    )
  })

  it('remembers the first value and no other', () => {
    const db = openDaemonDatabase(path, [])
    expect(remember(db, 'salt', 'first')).to.equal('first')
    expect(remember(db, 'salt', 'second')).to.equal('first')
    db.close()
    const again = openDaemonDatabase(path, [])
    expect(recall(again, 'salt')).to.equal('first')
    expect(recall(again, 'pepper')).to.equal(undefined)
    again.close()
  })

  it('writes a transaction as a whole or not at all', () => {
    const db = openDaemonDatabase(path, [NOTES])
    const failing = () =>
      inTransaction(db, () => {
        db.exec("INSERT INTO notes VALUES ('half')")
        throw new Error('stop')
      })
    expect(failing).to.throw('stop')
    expect(db.prepare('SELECT count(*) AS n FROM notes').get()).to.deep.include({ n: 0 })
    db.close()
  })
})
