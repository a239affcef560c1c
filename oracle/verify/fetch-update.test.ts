import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createTask } from '@assay/engine/node/task-package.ts'
import { parseTaskSpec, type TaskSpec } from '@assay/engine/package/task-spec.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { putOpening, type SomeOpening, someOpening } from '@assay/store/fixtures/records.ts'
import { httpStore } from '@assay/store/http-store.ts'
import { hashOf } from '@assay/store/sha256.ts'
import { expect } from 'chai'
import { smallTask } from '../../test/e2e/support/small-task.ts'
import { fetchUpdate } from './fetch-update.ts'

const SEED: Hash = `0x${'5e'.repeat(32)}`
const garbage = new TextEncoder().encode('bytes that are no update')

describe('fetching an update', () => {
  let dir: string
  let store: BlobStore
  let spec: TaskSpec

  before(async () => {
    spec = parseTaskSpec((await createTask(smallTask(SEED))).taskJson).spec
    update = await openingOf(garbage)
  })
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-look-'))
    store = await openFileStore({ dir })
  })
  afterEach(() => rm(dir, { recursive: true }))

  /** An opening of that blob, as its contributor would publish it. */
  async function openingOf(update: Uint8Array): Promise<SomeOpening> {
    const said = { updateHash: hashOf(update), updateSizeBytes: update.length }
    return { ...(await someOpening('looked at', said)), update }
  }
  let update: SomeOpening

  function look(from: BlobStore, { opening, commitment } = update, signal?: AbortSignal) {
    return fetchUpdate({ store: from, spec, commitment, expected: { ...opening, enrolled: true }, signal })
  }

  function outcome(from: BlobStore, of = update): Promise<string> {
    return look(from, of).then(
      (result) => (result.ok ? 'passed' : `${result.gate} failed`),
      (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
    )
  }

  const publish = () => putOpening(store, update)
  const blobPath = (hash: Hash) => join(dir, 'blobs', hash.slice(2, 4), hash)

  /** Writes the opening without the store's checks, as anybody who shares its folder can. */
  async function forge(bytes: Uint8Array): Promise<void> {
    const path = join(dir, 'records', update.commitment.slice(2, 4), `${update.commitment}-opening`)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
  }

  it('fails an update at once that its owner did not put', async () => {
    expect(await outcome(store)).to.equal('S0 failed')
    await publish()
    await rm(blobPath(update.opening.updateHash))
    expect(await outcome(store), 'as this seat says: whatever fails S1 can be proved').to.equal('S0 failed')
  })

  it('fails an update at once that is bad as committed', async () => {
    await publish()
    expect(await outcome(store)).to.equal('S1 failed')
  })

  it('fails an update at once that is longer than any of the task', async () => {
    const blob = new Uint8Array(maxUpdateBytes(spec) + 1)
    const large = await openingOf(blob)
    await putOpening(store, large)
    expect(await outcome(store, large)).to.equal('S1 failed')
  })

  const forged: [string, (record: Record<string, unknown>) => unknown][] = [
    ['a task id of 30 digits', (record) => ({ ...record, taskId: '9'.repeat(30) })],
    [
      'a contributor whose checksum is wrong',
      (record) => ({ ...record, contributor: `0x${'aB'.repeat(20)}` }),
    ],
    ['another salt', (record) => ({ ...record, salt: SEED })],
    ['another last state', (record) => ({ ...record, finalState: { stateHash: SEED, proof: [] } })],
    ['another length of the update', (record) => ({ ...record, updateSizeBytes: 10 ** 9 })],
    ['no signature', ({ signature: _, ...record }) => record],
    ['nothing that it should say', () => 'maintenance'],
  ]
  for (const [what, change] of forged)
    it(`counts a record with ${what} as no answer: the contributor said something else (attack 33)`, async () => {
      await publish()
      const record = JSON.parse(new TextDecoder().decode(update.bytes))
      await forge(new TextEncoder().encode(JSON.stringify(change(record))))
      expect(await outcome(store)).to.equal('unavailable')
    })

  it('counts a blob that became corrupt in the store as no answer, each time', async () => {
    await publish()
    const hash = update.opening.updateHash
    await writeFile(blobPath(hash), 'a lie')
    expect(await outcome(store)).to.equal('unavailable')
    expect(await outcome(store)).to.equal('unavailable')
  })

  it('counts a blob with extra bytes as no answer: the contributor signed its length (attack 33)', async () => {
    await publish()
    await writeFile(blobPath(update.opening.updateHash), new Uint8Array(maxUpdateBytes(spec) + 1))
    expect(await outcome(store)).to.equal('unavailable')
  })

  it('counts a failing disk as no answer', async () => {
    await publish()
    const hash = update.opening.updateHash
    await rm(join(dir, 'blobs', hash.slice(2, 4)), { recursive: true })
    await writeFile(join(dir, 'blobs', hash.slice(2, 4)), 'no folder')
    expect(await outcome(store)).to.equal('unavailable')
  })

  it('gives up at the deadline', async () => {
    await publish()
    const signal = AbortSignal.abort(new Error('the phase is over'))
    const late = await look(store, update, signal).catch((error: unknown) => error)
    expect(late).to.include({ code: 'unavailable' })
  })

  describe('through a proxy', () => {
    const strange: [string, RequestListener][] = [
      ['404', (_, response) => response.writeHead(404).end('<html>no backend</html>')],
      ['401', (_, response) => response.writeHead(401).end('who are you?')],
      ['403', (_, response) => response.writeHead(403).end('<html>blocked</html>')],
      ['408', (_, response) => response.writeHead(408).end()],
      ['502 with a long page', (_, response) => response.writeHead(502).end('x'.repeat(70_000))],
      ['200 with a page', (_, response) => response.end('<html>maintenance</html>')],
      [
        '200 with JSON of its own',
        (_, response) => response.setHeader('content-type', 'application/json').end('{"state":"down"}'),
      ],
      [
        '400 because the address lacks a part',
        (_, response) => response.writeHead(400).end('{"code":"bad-request","message":"nothing here"}'),
      ],
    ]
    for (const [what, answer] of strange)
      it(`fails nobody for a ${what}`, async () => {
        const server = createServer(answer)
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        try {
          expect(await outcome(httpStore({ url, retries: 0 }))).to.equal('unavailable')
        } finally {
          server.closeAllConnections()
          server.close()
        }
      })
  })
})
