import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import type { Address } from '../records.ts'
import { type Ledger, openLedger } from './ledger.ts'

const anna: Address = `0x${'a1'.repeat(20)}`
const bert: Address = `0x${'b2'.repeat(20)}`

describe('the book of a blob server', () => {
  let dir: string
  let ledger: Ledger

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-ledger-'))
    ledger = await openLedger(dir)
  })
  afterEach(async () => {
    ledger.close()
    await rm(dir, { recursive: true })
  })

  const bytes = () => [ledger.bytesOf(anna), ledger.bytesOf(bert)]
  async function reopen(): Promise<void> {
    ledger.close()
    ledger = await openLedger(dir)
  }

  it('counts for an account what it brought first and what is still here', async () => {
    ledger.enter({ path: 'blobs/1', account: anna, sizeBytes: 100, seconds: 1 })
    ledger.enter({ path: 'blobs/2', account: anna, sizeBytes: 20, seconds: 2 })
    const again = ledger.enter({ path: 'blobs/1', account: bert, sizeBytes: 100, seconds: 3 })
    expect(again).to.deep.equal({ path: 'blobs/1', account: anna, sizeBytes: 100, seconds: 1 })
    ledger.enter({ path: 'blobs/3', account: undefined, sizeBytes: 7, seconds: 4 })
    expect(bytes()).to.deep.equal([120, 0])
    for (const path of ['blobs/1', 'blobs/1', 'blobs/3']) ledger.remove(path)
    expect(bytes()).to.deep.equal([20, 0])
    await reopen()
    expect(bytes()).to.deep.equal([20, 0])
  })

  it('is counted once if it was begun without totals', async () => {
    ledger.enter({ path: 'blobs/1', account: anna, sizeBytes: 100, seconds: 1 })
    const db = new DatabaseSync(join(dir, 'server', 'ledger.sqlite'))
    db.exec('DROP TABLE totals')
    db.close()
    await reopen()
    expect(bytes()).to.deep.equal([100, 0])
  })

  it('is kept by two servers over one folder', async () => {
    const other = await openLedger(dir)
    ledger.enter({ path: 'blobs/1', account: anna, sizeBytes: 100, seconds: 1 })
    other.enter({ path: 'blobs/2', account: anna, sizeBytes: 20, seconds: 1 })
    expect([ledger.bytesOf(anna), other.bytesOf(anna)]).to.deep.equal([120, 120])
    other.close()
  })
})
