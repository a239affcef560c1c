import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { MAX_RECORD_BYTES, StoreError } from './blob-store.ts'
import { openFileStore } from './file-store.ts'
import { someOpening } from './fixtures/records.ts'
import { openingKey } from './records.ts'
import { hashOf } from './sha256.ts'

const bytes = new TextEncoder().encode('an update, to be kept whole or not at all')
const hash = hashOf(bytes)

async function filesUnder(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Puts a blob from a process of its own that dies at the named crash point. */
function putAndDie(dir: string): Promise<NodeJS.Signals | undefined> {
  const script = `
    const { openFileStore } = await import(${JSON.stringify(new URL('./file-store.ts', import.meta.url).href)})
    const store = await openFileStore({ dir: ${JSON.stringify(dir)} })
    await store.put(Uint8Array.from(${JSON.stringify([...bytes])}))`
  return new Promise((resolve) => {
    const env = { ...process.env, ASSAY_CRASH_AT: 'during-blob-write' }
    execFile(process.execPath, ['--input-type=module', '-e', script], { env }, (error) =>
      resolve(error?.signal ?? undefined),
    )
  })
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
  )
}

describe('a store in a folder: its files', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-files-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  it('makes its folder and those above it, and says at once where none can be made', async () => {
    const deep = join(dir, 'not', 'there', 'yet')
    await Promise.all([openFileStore({ dir: deep }), openFileStore({ dir: deep })])
    expect(await readdir(deep)).to.deep.equal(['incoming'])

    await writeFile(join(dir, 'file'), bytes)
    expect(await codeOf(openFileStore({ dir: join(dir, 'file') }))).to.include('ENOTDIR')
    if (process.platform !== 'linux') return
    // In a process of its own, because a call that never ends could not be stopped here.
    const script = `
      const { openFileStore } = await import(${JSON.stringify(new URL('./file-store.ts', import.meta.url).href)})
      await openFileStore({ dir: '/proc/nope' }).catch(({ code }) => console.log(code))`
    const args = ['--input-type=module', '-e', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      timeout: 300_000,
      killSignal: 'SIGKILL',
    })
    expect(stdout).to.equal('ENOENT\n')
  })

  it('keeps no half blob when the writer is killed in the middle of it', async () => {
    expect(await putAndDie(dir)).to.equal('SIGKILL')
    const left = await filesUnder(dir)
    expect(left).to.have.length(1)
    expect(left[0]).to.match(/incoming.*\.tmp$/)
    expect(await readFile(left[0]!)).to.have.length(bytes.length >> 1)

    const store = await openFileStore({ dir })
    expect(await filesUnder(dir), 'the half is removed once its writer is gone').to.deep.equal([])
    expect(await store.has(hash)).to.equal(false)
    expect(await store.put(bytes)).to.equal(hash)
    expect(await codeOf(store.get(hash, { maxBytes: 100 }))).to.equal('no error')
  })

  it('leaves the temporary files of writers that still run', async () => {
    const store = await openFileStore({ dir })
    await writeFile(join(dir, 'incoming', `${process.ppid}-aa.tmp`), 'half')
    await writeFile(join(dir, 'incoming', `${process.pid}-aa.tmp`), 'half')
    await openFileStore({ dir })
    expect(await filesUnder(dir)).to.have.length(2)
    expect(await store.put(bytes)).to.equal(hash)
  })

  it('finds its blobs again when it is opened again, by any process', async () => {
    const [one, two] = await Promise.all([openFileStore({ dir }), openFileStore({ dir })])
    await one.put(bytes)
    expect(await two.has(hash)).to.equal(true)
    expect(await (await openFileStore({ dir })).get(hash, { maxBytes: 100 })).to.have.length(bytes.length)
  })

  it('notices a file that no longer fits its name, sets it aside and accepts the blob again', async () => {
    const store = await openFileStore({ dir })
    await store.put(bytes)
    const path = join(dir, 'blobs', hash.slice(2, 4), hash)
    await writeFile(path, bytes.slice().fill(1))

    expect(await codeOf(store.get(hash, { maxBytes: 100 }))).to.equal('blob-corrupt')
    expect(await codeOf(store.get(hash, { maxBytes: 100 })), 'its owner has put it').to.equal('blob-corrupt')
    expect(await store.has(hash)).to.equal(false)
    expect(await readdir(join(dir, 'corrupt'))).to.deep.equal([hash])
    await store.put(bytes)
    expect(await codeOf(store.get(hash, { maxBytes: 100 }))).to.equal('no error')
  })

  it('reads a blob for another store in pieces, and sets it aside at the end if it is damaged', async () => {
    const store = await openFileStore({ dir })
    await store.put(bytes)
    const { pieces, ...source } = await store.source(hash)
    expect(source).to.deep.equal({ hash, sizeBytes: bytes.length })
    const other = await openFileStore({ dir: join(dir, 'other') })
    expect(await other.put({ ...source, pieces })).to.equal(hash)

    await writeFile(join(dir, 'blobs', hash.slice(2, 4), hash), bytes.toReversed())
    expect(await codeOf(other.put({ ...source, pieces }))).to.equal('blob-corrupt')
    expect(await codeOf(store.source(hash))).to.equal('blob-corrupt')
    expect(await other.get(hash, { maxBytes: 100 })).to.deep.equal(bytes)
  })

  it('refuses a stream with another hash than announced, and keeps nothing of it', async () => {
    const store = await openFileStore({ dir })
    async function* lying() {
      yield bytes.slice(1)
    }
    expect(await codeOf(store.putStream(lying(), { expected: hash }))).to.equal('blob-corrupt')
    expect(await filesUnder(dir)).to.deep.equal([])
  })

  it('stops reading a stream as soon as it is too long', async () => {
    const store = await openFileStore({ dir, maxBlobBytes: 1_000 })
    let pieces = 0
    async function* endless() {
      for (;;) {
        pieces++
        yield new Uint8Array(100)
      }
    }
    expect(await codeOf(store.putStream(endless()))).to.equal('blob-too-large')
    expect(pieces).to.equal(11)
    expect(await filesUnder(dir)).to.deep.equal([])
  })

  it('heals a blob that is put again, although a file of that length is there', async () => {
    const store = await openFileStore({ dir })
    await store.put(bytes)
    await writeFile(join(dir, 'blobs', hash.slice(2, 4), hash), bytes.toReversed())
    await store.put(bytes)
    expect(await store.get(hash, { maxBytes: 100 })).to.deep.equal(bytes)
  })

  it('counts what arrives at the same time together', async () => {
    const store = await openFileStore({ dir, maxTotalBytes: 100 })
    const arrived = [1, 2].map(() => Promise.withResolvers<void>())
    const both = Promise.all(arrived.map(({ promise }) => promise))
    const slowly = async function* (i: number) {
      yield new Uint8Array(30)
      arrived[i]!.resolve()
      await both
      yield new Uint8Array(30).fill(i)
    }
    const codes = await Promise.all([0, 1].map((i) => codeOf(store.putStream(slowly(i)))))
    expect(codes.sort()).to.deep.equal(['full', 'no error'])
    expect(await codeOf(store.put(new Uint8Array(40)))).to.equal('no error')
    expect(await codeOf(store.put(new Uint8Array(1)))).to.equal('full')
  })

  it('loses nothing that is put while it is removed', async () => {
    const store = await openFileStore({ dir })
    await store.put(bytes)
    for (let i = 0; i < 50; i++) {
      await utimes(join(dir, 'blobs', hash.slice(2, 4), hash), 0, 0)
      const [, removed] = await Promise.all([store.put(bytes), store.remove(`blobs/${hash}`, 1_000)])
      expect(await store.has(hash), `${i}, ${removed}`).to.equal(true)
    }
  })

  it('says that it is full instead of filling the disk', async () => {
    const store = await openFileStore({ dir, maxTotalBytes: 100 })
    await store.put(bytes)
    await store.put(bytes)
    await store.put(new Uint8Array(50))
    expect(await codeOf(store.put(new Uint8Array(40)))).to.equal('full')
    const reopened = await openFileStore({ dir, maxTotalBytes: 100 })
    expect(await codeOf(reopened.put(new Uint8Array(40)))).to.equal('full')
    expect(await codeOf(reopened.put(new Uint8Array(5)))).to.equal('no error')
  })

  it('lists what it keeps, and removes what nobody put again, for new room', async () => {
    const store = await openFileStore({ dir, maxTotalBytes: 600 })
    await store.put(bytes)
    const some = await someOpening('listed')
    const listed: string[] = []
    await store.put(some.update)
    const day = Date.now() / 1_000 - 86_400
    for (const file of await filesUnder(dir)) await utimes(file, day, day)
    await store.put(bytes)
    for await (const { path, sizeBytes, seconds } of store.list())
      listed.push(`${path} ${sizeBytes} ${seconds > day + 80_000 ? 'new' : 'old'}`)
    const old = `blobs/${some.opening.updateHash}`
    expect(listed).to.have.members([`blobs/${hash} ${bytes.length} new`, `${old} ${some.update.length} old`])

    expect(await codeOf(store.put(new Uint8Array(600 - bytes.length)))).to.equal('full')
    expect(await store.remove(`blobs/${hash}`, day + 80_000), 'it was put again').to.equal(false)
    expect(await store.remove(old, day + 80_000)).to.equal(true)
    expect(await store.remove(old, day + 80_000)).to.equal(false)
    expect(await store.has(some.opening.updateHash)).to.equal(false)
    expect(await codeOf(store.put(new Uint8Array(600 - bytes.length)))).to.equal('no error')
  })

  it('reports a failing system as unavailable, in every call', async () => {
    const store = await openFileStore({ dir })
    const { update, commitment, bytes: record } = await someOpening('on a bad disk')
    await store.put(update)
    await writeFile(join(dir, 'blobs', hash.slice(2, 4)), 'no folder')
    await mkdir(join(dir, 'records', commitment.slice(2, 4), `${commitment}-opening`), { recursive: true })

    expect(await codeOf(store.get(hash, { maxBytes: 100 }))).to.equal('unavailable')
    expect(await codeOf(store.has(hash))).to.equal('unavailable')
    expect(await codeOf(store.put(bytes))).to.equal('unavailable')
    expect(await codeOf(store.getRecord(openingKey(commitment)))).to.equal('unavailable')
    expect(await codeOf(store.putRecord(openingKey(commitment), record))).to.equal('unavailable')
  })

  it('reports no blob as missing when its disk is not mounted', async () => {
    const store = await openFileStore({ dir: join(dir, 'mount') })
    await store.put(bytes)
    await rm(join(dir, 'mount'), { recursive: true })

    expect(await codeOf(store.get(hash, { maxBytes: 100 }))).to.equal('unavailable')
    expect(await codeOf(store.has(hash))).to.equal('unavailable')
    expect(await codeOf(store.getRecord(openingKey(hash)))).to.equal('unavailable')
    expect(await codeOf(store.put(bytes))).to.equal('unavailable')
  })

  it('reads no record that somebody else made too long', async () => {
    const store = await openFileStore({ dir })
    const path = join(dir, 'records', hash.slice(2, 4), `${hash}-opening`)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, new Uint8Array(MAX_RECORD_BYTES + 1))
    expect(await codeOf(store.getRecord(openingKey(hash)))).to.equal('record-refused')
  })

  it('ends a read at its deadline, also when the disk hangs', async () => {
    const store = await openFileStore({ dir })
    const path = join(dir, 'blobs', hash.slice(2, 4), hash)
    await mkdir(dirname(path), { recursive: true })
    await promisify(execFile)('mkfifo', [path])
    try {
      const read = store.get(hash, { maxBytes: 100, signal: AbortSignal.timeout(50) })
      expect(await codeOf(read)).to.equal('unavailable')
    } finally {
      // A pipe that nobody writes to holds the reading thread for ever.
      await (await open(path, constants.O_RDWR | constants.O_NONBLOCK)).close()
    }
  })

  it('reads nothing once the deadline is over', async () => {
    const store = await openFileStore({ dir })
    await store.put(bytes)
    const over = { signal: AbortSignal.abort(new Error('the phase is over')) }
    expect(await codeOf(store.get(hash, { maxBytes: 100, ...over }))).to.equal('unavailable')
    expect(await codeOf(store.has(hash, over))).to.equal('unavailable')
    expect(await codeOf(store.getRecord(openingKey(hash), over))).to.equal('unavailable')
  })
})
