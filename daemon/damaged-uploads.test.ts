import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type FileStore, openFileStore } from '@assay/store/file-store.ts'
import { contributor } from '@assay/store/fixtures/records.ts'
import { until } from '@assay/store/fixtures/transfers.ts'
import { type BlobServer, startBlobServer } from '@assay/store/http-server.ts'
import { hashOf } from '@assay/store/sha256.ts'
import { expect } from 'chai'
import { openDaemonDatabase } from './database.ts'
import { createLogger } from './logging.ts'
import { openUploads, type Uploads } from './uploads.ts'

const bytes = new TextEncoder().encode('an aggregate that its seat voted for')
const hash = hashOf(bytes)

describe('a blob that a daemon publishes', () => {
  let dir: string
  let db: DatabaseSync
  let uploads: Uploads
  let server: BlobServer
  let served: FileStore

  const serve = async (port = 0) => {
    server = await startBlobServer({ dir: join(dir, 'served'), port, lingerMs: 50 })
  }
  const damage = (content: Uint8Array) =>
    writeFile(join(dir, 'outgoing', 'blobs', hash.slice(2, 4), hash), content)

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-uploads-'))
    db = openDaemonDatabase(join(dir, 'daemon.sqlite'), [])
    served = await openFileStore({ dir: join(dir, 'served') })
    await serve()
    const log = createLogger({ role: 'test', level: 'silent' })
    const locations = [{ url: server.url }]
    uploads = await openUploads({
      dir,
      db,
      log,
      locations,
      account: contributor,
      taskId: 7n,
      roundSeconds: 600,
    })
  })
  afterEach(async () => {
    await uploads.close()
    db.close()
    await server.close()
    await rm(dir, { recursive: true })
  })

  it('does not go out once it is damaged on this disk, until it is put again', async () => {
    await server.close()
    await uploads.store.put(bytes)
    await uploads.tried()
    await damage(bytes.toReversed())
    await serve(Number(new URL(server.url).port))
    await until('it is set aside', async () => existsSync(join(dir, 'outgoing', 'corrupt', hash)))
    expect(await served.has(hash)).to.equal(false)
    await uploads.store.put(bytes)
    await until('the store has it', () => served.has(hash))
  })

  it('is read elsewhere when it is damaged on this disk', async () => {
    await uploads.store.put(bytes)
    await uploads.tried()
    await damage(new TextEncoder().encode('damaged'))
    expect(await uploads.store.get(hash, { maxBytes: 100 })).to.deep.equal(bytes)
  })
})
