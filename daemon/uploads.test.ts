import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { type FileStore, openFileStore } from '@assay/store/file-store.ts'
import { contributor, putOpening, someOpening, validator } from '@assay/store/fixtures/records.ts'
import { codeOf, receiptFor, until } from '@assay/store/fixtures/transfers.ts'
import { type BlobServer, startBlobServer } from '@assay/store/http-server.ts'
import { fetchOpening } from '@assay/store/opening-record.ts'
import { evidenceKey, openingKey } from '@assay/store/records.ts'
import { hashOf } from '@assay/store/sha256.ts'
import type { StoreLocation } from '@assay/store/store-location.ts'
import { expect } from 'chai'
import { openDaemonDatabase } from './database.ts'
import { createLogger } from './logging.ts'
import { readReceipts } from './upload-log.ts'
import { openUploads, type Uploads } from './uploads.ts'

const bytes = new TextEncoder().encode('an aggregate that its seat voted for')
const hash = hashOf(bytes)

describe('what a daemon publishes', () => {
  let dir: string
  let db: DatabaseSync
  let uploads: Uploads
  let server: BlobServer | undefined
  let odd: Server | undefined
  let served: FileStore

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-uploads-'))
    db = openDaemonDatabase(join(dir, 'daemon.sqlite'), [])
    served = await openFileStore({ dir: join(dir, 'served') })
  })
  afterEach(async () => {
    await uploads.close()
    db.close()
    await server?.close()
    odd?.closeAllConnections()
    odd?.close()
    server = undefined
    odd = undefined
    await rm(dir, { recursive: true })
  })

  const options = () => ({
    dir,
    db,
    account: contributor,
    taskId: 7n,
    roundSeconds: 600,
    log: createLogger(silent),
  })
  const silent = { role: 'test', level: 'silent' }
  async function open(...locations: StoreLocation[]): Promise<void> {
    uploads = await openUploads({ ...options(), locations })
  }
  const serve = async (port = 0, options = {}) => {
    server = await startBlobServer({ dir: join(dir, 'served'), port, lingerMs: 50, ...options })
    return { url: server.url }
  }
  async function serveOddly(answer: RequestListener): Promise<{ url: string }> {
    odd = createServer(answer)
    await new Promise<void>((resolve) => odd!.listen(0, '127.0.0.1', resolve))
    return { url: `http://127.0.0.1:${(odd.address() as AddressInfo).port}` }
  }
  /** A store that takes connections and never says a word. */
  async function serveSilence(): Promise<{ url: string; asked: Promise<void> }> {
    const asked = Promise.withResolvers<void>()
    return { ...(await serveOddly(() => asked.resolve())), asked: asked.promise }
  }

  it('is at every store once they were tried, and can be read at once', async () => {
    const folder = join(dir, 'shared')
    await open(await serve(), { dir: folder })
    const some = await someOpening('published')
    await putOpening(uploads.store, some)
    expect(await uploads.store.get(hashOf(some.update), { maxBytes: 100 })).to.deep.equal(some.update)
    await uploads.tried()
    for (const store of [served, await openFileStore({ dir: folder })])
      expect(await fetchOpening(store, some.commitment)).to.deep.equal(some.opening)
  })

  it('does not wait for a store that hangs, nor do the others, nor the end', async () => {
    const silent = await serveSilence()
    await open(silent, await serve())
    expect(await uploads.store.put(bytes)).to.equal(hash)
    await silent.asked
    await until('the other store has the blob', () => served.has(hash))
    await uploads.close()
  })

  it('is not asked after for longer than its reader waits, at a store that hangs', async () => {
    const asked = Promise.withResolvers<ServerResponse>()
    await open(await serveOddly((request, response) => request.method === 'GET' && asked.resolve(response)))
    const reader = new AbortController()
    const answer = uploads.isEverywhere(hash, { signal: reader.signal })
    const late = await asked.promise
    reader.abort(new Error('as the test wants'))
    late.writeHead(404).end(JSON.stringify({ code: 'blob-missing', message: 'it is not here' }))
    expect(await answer).to.equal(true)
  })

  it('goes out when a store comes back, also after a restart', async () => {
    const { url } = await serve()
    await server!.close()
    await open({ url })
    await uploads.store.put(bytes)
    await uploads.tried()
    expect(await served.has(hash)).to.equal(false)

    await serve(Number(new URL(url).port))
    const later = await someOpening('later')
    await putOpening(uploads.store, later)
    await uploads.tried()
    expect(await served.has(hash)).to.equal(true)

    await server!.close()
    const last = await uploads.store.put(later.bytes)
    await uploads.tried()
    await uploads.close()
    await serve(Number(new URL(url).port))
    await open({ url })
    await uploads.tried()
    expect(await served.has(last)).to.equal(true)
  })

  it('keeps the receipts that stores sign', async () => {
    const { url } = await serve()
    await open({ url: url.replace('//', '//me:secret@') })
    const some = await someOpening('confirmed')
    await putOpening(uploads.store, some)
    await uploads.tried()
    const receipts = readReceipts(db)
    expect(receipts.map(({ path, storeName }) => [path, storeName])).to.deep.equal([
      [`blobs/${hashOf(some.update)}`, url],
      [`records/${openingKey(some.commitment)}`, url],
    ])
    expect(JSON.stringify(receipts)).to.not.include('secret')
  })

  it('gives up what a store refuses for good, and goes on', async () => {
    await open(await serve(0, { maxBlobBytes: 50 }))
    await uploads.store.put(new Uint8Array(60))
    await uploads.store.put(bytes)
    await uploads.tried()
    expect(await served.has(hash)).to.equal(true)
    expect(await served.has(hashOf(new Uint8Array(60)))).to.equal(false)
  })

  it('waits for a store that is full or does not know the account yet', async () => {
    let admitted = false
    const registry = { standingOf: async () => ({ admitted, hasDuty: true }) }
    await open(await serve(0, { registry }))
    await uploads.store.put(bytes)
    await uploads.tried()
    expect(await served.has(hash)).to.equal(false)
    admitted = true
    await uploads.store.put(new Uint8Array(1))
    await uploads.tried()
    expect(await served.has(hash)).to.equal(true)
  })

  it('goes out again to a store that has lost it', async () => {
    await open({ dir: join(dir, 'served') })
    const [first, second] = [await someOpening('first'), await someOpening('second')]
    await uploads.store.put(first.update)
    await uploads.tried()
    expect(await uploads.isEverywhere(hashOf(first.update))).to.equal(true)
    await rm(join(dir, 'served', 'blobs'), { recursive: true })
    expect(await uploads.isEverywhere(hashOf(first.update))).to.equal(false)
    // The store refuses the record without its blob.
    await uploads.store.putRecord(openingKey(first.commitment), first.bytes)
    await uploads.tried()
    expect(await fetchOpening(served, first.commitment)).to.deep.equal(first.opening)

    await putOpening(uploads.store, second)
    await uploads.tried()
    await rm(join(dir, 'served', 'blobs'), { recursive: true })
    await uploads.restore(hashOf(second.update))
    await uploads.tried()
    expect(await served.has(hashOf(second.update))).to.equal(true)
  })

  it('goes out with what it needs, also when the store fails in between', async () => {
    const some = await someOpening('in an outage')
    const [blob, record] = [`/blobs/${hashOf(some.update)}`, `/records/${openingKey(some.commitment)}`]
    const asked: string[] = []
    const times = (what: string) => asked.filter((one) => one === what).length
    await open(
      await serveOddly(async (request, response) => {
        const what = `${request.method} ${request.url}`
        asked.push(what)
        request.resume()
        // It loses the blob once, and is away when it is asked for it.
        const hasBlob = times(`PUT ${blob}`) > 1
        const refuse = (status: number, code: string) =>
          response.writeHead(status).end(JSON.stringify({ code, message: code }))
        response.setHeader('content-type', 'application/json')
        if (request.url === '/health')
          response.end(JSON.stringify({ store: contributor.address, seconds: 1 }))
        else if (what === `PUT ${record}` && !hasBlob) refuse(422, 'record-refused')
        else if (request.method === 'PUT') response.end(await receiptFor(request))
        else if (times(what) === 1) refuse(503, 'unavailable')
        else refuse(404, 'blob-missing')
      }),
    )
    await putOpening(uploads.store, some)
    const receipts = () => readReceipts(db).map(({ path }) => `/${path}`)
    await until('the store took the record', async () => receipts().includes(record))
    expect(times(`PUT ${blob}`)).to.equal(2)
  })

  it('goes out with what it needs, also when an hour begins in between', async () => {
    const { url } = await serve()
    await server!.close()
    await open({ url })
    const some = await someOpening('between two hours')
    await putOpening(uploads.store, some)
    await uploads.tried()
    await uploads.close()
    db.exec(`UPDATE uploads SET seconds = seconds - 3600 WHERE path LIKE 'blobs/%'`)
    await serve(Number(new URL(url).port))
    await open({ url })
    await uploads.tried()
    expect(await fetchOpening(served, some.commitment)).to.deep.equal(some.opening)
  })

  it('goes out again to a store that came back after it was given up', async () => {
    const { url } = await serve()
    await server!.close()
    await open({ url })
    await uploads.store.put(bytes)
    await uploads.tried()
    await uploads.close()
    db.exec('UPDATE uploads SET seconds = 0')
    await serve(Number(new URL(url).port))
    await open({ url })
    await uploads.tried()
    expect(await served.has(hash)).to.equal(false)
    await uploads.restore(hash)
    await uploads.tried()
    expect(await served.has(hash)).to.equal(true)
  })

  it('goes out when it is put again after it was given up', async () => {
    const { url } = await serve()
    await server!.close()
    await open({ url })
    await uploads.store.put(bytes)
    await uploads.tried()
    await uploads.close()
    db.exec('UPDATE uploads SET seconds = 0')
    await serve(Number(new URL(url).port))
    await open({ url })
    await uploads.tried()
    expect(await served.has(hash)).to.equal(false)
    await uploads.store.put(bytes)
    await uploads.tried()
    expect(await served.has(hash)).to.equal(true)
  })

  it('leaves this disk after some days, also if the daemon never stops', async () => {
    const locations = [{ dir: join(dir, 'served') }]
    uploads = await openUploads({ ...options(), locations, forgetEveryMs: 5 })
    await uploads.store.put(bytes)
    await uploads.tried()
    const file = join(dir, 'outgoing', 'blobs', hash.slice(2, 4), hash)
    await utimes(file, 0, 0)
    await until('the blob is no longer on this disk', async () => !existsSync(file))
    expect(await uploads.store.get(hash, { maxBytes: 100 })).to.deep.equal(bytes)
  })

  it('stays on this disk for two rounds, however long they are', async () => {
    const locations = [{ dir: join(dir, 'served') }]
    const weekSeconds = 7 * 86_400
    uploads = await openUploads({ ...options(), locations, roundSeconds: weekSeconds })
    const some = await someOpening('of a long round')
    await putOpening(uploads.store, some)
    await uploads.tried()
    await uploads.close()
    const past = Date.now() / 1_000 - 1.9 * weekSeconds
    for (const entry of await readdir(join(dir, 'outgoing'), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), past, past)
    uploads = await openUploads({ ...options(), locations, roundSeconds: weekSeconds, forgetEveryMs: 5 })
    const file = join(dir, 'outgoing', 'blobs', hash.slice(2, 4), hash)
    // Once it is removed a second time, all has been looked at.
    for (let i = 0; i < 2; i++) {
      await uploads.store.put(bytes)
      await utimes(file, 0, 0)
      await until('an older blob is no longer on this disk', async () => !existsSync(file))
    }
    const evidence = new Uint8Array(10)
    const key = evidenceKey(some.commitment, 0, validator)
    const blob = await uploads.store.put(evidence)
    const record = { blob, sizeBytes: evidence.length, encryptedKey: '0x' } as const
    await uploads.store.putRecord(key, await signEncryptedBlob(key, record, contributor))
  })

  it('is not waited for by who reads, once the daemon has to stop', async () => {
    const stop = new AbortController()
    const { url, asked } = await serveSilence()
    const locations = [{ url, stallTimeoutMs: 10 ** 8 }]
    uploads = await openUploads({ ...options(), locations, signal: stop.signal })
    const read = uploads.store.get(hash, { maxBytes: 100 })
    await asked
    stop.abort()
    expect(await codeOf(read)).to.equal('unavailable')
  })
})
