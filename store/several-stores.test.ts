import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type BlobStore, StoreError } from './blob-store.ts'
import { openFileStore } from './file-store.ts'
import { putOpening, type SomeOpening, someOpening } from './fixtures/records.ts'
import { bytes, codeOf, hash } from './fixtures/transfers.ts'
import { httpStore } from './http-store.ts'
import { fetchOpening } from './opening-record.ts'
import { openingKey } from './records.ts'
import { severalStores } from './several-stores.ts'

describe('several stores as one', () => {
  let dir: string
  let good: BlobStore
  let other: BlobStore
  let some: SomeOpening
  let servers: Server[]

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-several-'))
    good = await openFileStore({ dir: join(dir, 'good') })
    other = await openFileStore({ dir: join(dir, 'other') })
    some = await someOpening('several')
    servers = []
  })
  afterEach(async () => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
    await rm(dir, { recursive: true })
  })

  /** A store behind a server that answers like this. */
  async function odd(answer: RequestListener): Promise<BlobStore> {
    const server = createServer(answer)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return httpStore({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, retries: 0 })
  }
  const down = () => httpStore({ url: 'http://127.0.0.1:9', retries: 0 })
  const hanging = () => odd((request) => request.resume())
  const together = (stores: readonly BlobStore[], options = {}) =>
    severalStores(
      stores.map((store, i) => ({ name: `store ${i + 1}`, store })),
      { hedgeMs: 10, ...options },
    )
  const get = (stores: readonly BlobStore[]) => together(stores).get(hash, { maxBytes: 100 })

  it('are all written to, and any is read from', async () => {
    const both = together([good, other])
    expect(await both.put(bytes)).to.equal(hash)
    await putOpening(both, some)
    for (const store of [good, other]) {
      expect(await store.has(hash)).to.equal(true)
      expect(await fetchOpening(store, some.commitment)).to.deep.equal(some.opening)
    }
    await rm(join(dir, 'good'), { recursive: true })
    expect(await both.get(hash, { maxBytes: 100 })).to.deep.equal(bytes)
    expect(await both.has(hash)).to.equal(true)
    expect(await fetchOpening(both, some.commitment)).to.deep.equal(some.opening)
  })

  it('lack only what every one of them lacks', async () => {
    expect(await codeOf(get([good, other]))).to.equal('blob-missing')
    expect(await together([good, other]).has(hash)).to.equal(false)
    expect(await fetchOpening(together([good, other]), some.commitment)).to.equal(undefined)

    expect(await codeOf(get([good, down()]))).to.equal('unavailable')
    expect(await codeOf(together([down(), good]).has(hash))).to.equal('unavailable')
    expect(await codeOf(fetchOpening(together([good, down()]), some.commitment))).to.equal('unavailable')
  })

  const wrong: [string, RequestListener][] = [
    [
      'sends other bytes',
      (_, response) => response.setHeader('content-type', 'application/octet-stream').end('other'),
    ],
    [
      'announces too much',
      (_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': 10 ** 9 })
          .write('x'),
    ],
    [
      'says that it is too large',
      (_, response) => response.writeHead(413).end('{"code":"blob-too-large","message":"no"}'),
    ],
    ['refuses', (_, response) => response.writeHead(422).end('{"code":"record-refused","message":"no"}')],
    ['does not know the address', (_, response) => response.writeHead(400).end('{"code":"bad-request"}')],
    ['asks for a password', (_, response) => response.writeHead(401).end('who are you?')],
    ['hangs up', (_, response) => response.destroy()],
    ['hangs', () => {}],
  ]
  for (const [what, answer] of wrong)
    it(`serve what one of them has while another ${what}, and blame nobody for what none has`, async () => {
      await good.put(bytes)
      await putOpening(good, some)
      const stores = [await odd(answer), good]
      expect(await get(stores)).to.deep.equal(bytes)
      expect(await fetchOpening(together(stores), some.commitment)).to.deep.equal(some.opening)

      if (what === 'hangs') return
      const without = together([await odd(answer), other])
      expect(await codeOf(without.get(hash, { maxBytes: 100 }))).to.equal('unavailable')
      expect(await codeOf(fetchOpening(without, some.commitment))).to.equal('unavailable')
    })

  it('pass over a record that its contributor did not sign, and ask the next (attack 33)', async () => {
    await putOpening(good, some)
    await putOpening(other, some)
    const { commitment } = some
    const record = JSON.parse(new TextDecoder().decode(some.bytes))
    record.finalState.stateHash = commitment
    const path = join(dir, 'other', 'records', commitment.slice(2, 4), `${commitment}-opening`)
    await writeFile(path, JSON.stringify(record))
    expect(await fetchOpening(together([other, good]), commitment)).to.deep.equal(some.opening)
    expect(await codeOf(fetchOpening(together([other]), commitment))).to.equal('record-refused')
  })

  it('take what one of them takes, and tell which did not', async () => {
    const told: string[] = []
    const onTrouble = (name: string, error: Error) => told.push(`${name}: ${(error as StoreError).code}`)
    const three = together([down(), good, await odd((_, response) => response.writeHead(500).end())], {
      onTrouble,
    })
    await three.put(some.update)
    await three.putRecord(openingKey(some.commitment), some.bytes)
    expect(told.sort()).to.deep.equal([
      'store 1: unavailable',
      'store 1: unavailable',
      'store 3: unavailable',
      'store 3: unavailable',
    ])
    expect(await fetchOpening(good, some.commitment)).to.deep.equal(some.opening)
  })

  it('refuse a write that none of them takes, with what each said', async () => {
    const error = await together([down(), await odd((_, response) => response.writeHead(500).end('broken'))])
      .put(bytes)
      .catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(StoreError)
    expect(error).to.include({ code: 'unavailable' })
    expect(String(error)).to.match(/store 1: .*did not answer.*store 2: .*answered 500/)
  })

  it('ask the one last that made a reader wait', async () => {
    let asked = 0
    const slow = await odd((request) => {
      asked += 1
      request.resume()
    })
    // It answers before any timer can end, however busy the machine is.
    const quick = { ...good, get: async () => bytes }
    const both = together([slow, quick])
    await both.get(hash, { maxBytes: 100 })
    await both.get(hash, { maxBytes: 100 })
    expect(asked).to.equal(1)
  })

  it('give what comes to one of them while another hangs or sends drop by drop', async () => {
    const started = Promise.withResolvers<void>()
    const slow = await odd((request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).write('x')
      started.resolve()
      request.resume()
    })
    const read = together([slow, await hanging(), good], { againMs: 10 }).get(hash, { maxBytes: 100 })
    await started.promise
    await good.put(bytes)
    expect(await read).to.deep.equal(bytes)
  })

  it('are given up together at the deadline of their reader', async () => {
    const signal = AbortSignal.timeout(50)
    const read = together([await hanging(), await hanging()]).get(hash, { maxBytes: 100, signal })
    expect(await codeOf(read)).to.equal('unavailable')
  })
})
