import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createTask } from '@assay/engine/node/task-package.ts'
import { parseTaskSpec, type TaskSpec } from '@assay/engine/package/task-spec.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { someOpening } from '@assay/store/fixtures/records.ts'
import { httpStore } from '@assay/store/http-store.ts'
import { encodeOpening, type Opening } from '@assay/store/opening-record.ts'
import { openingKey } from '@assay/store/records.ts'
import { hashOf } from '@assay/store/sha256.ts'
import { expect } from 'chai'
import { smallTask } from '../../test/e2e/support/small-task.ts'
import { fetchUpdate, type Patience } from './fetch-update.ts'

const SEED: Hash = `0x${'5e'.repeat(32)}`
const garbage = new TextEncoder().encode('bytes that are no update')

describe('fetching an update', () => {
  let dir: string
  let store: BlobStore
  let spec: TaskSpec

  before(async () => {
    spec = parseTaskSpec((await createTask(smallTask(SEED))).taskJson).spec
  })
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-look-'))
    store = await openFileStore({ dir })
  })
  afterEach(() => rm(dir, { recursive: true }))

  /** An opening of that blob, as its contributor would publish it. */
  function openingOf(blob: Uint8Array): { opening: Opening; commitment: Hash; bytes: Uint8Array } {
    const opening = { ...someOpening('looked at').opening, updateHash: hashOf(blob) }
    return { opening, commitment: submissionCommitment(opening), bytes: encodeOpening(opening) }
  }
  const update = openingOf(garbage)

  function look(from: BlobStore, patience: Patience, { opening, commitment } = update) {
    return fetchUpdate({ store: from, spec, commitment, expected: { ...opening, enrolled: true }, patience })
  }

  /** What happens before the last call, and at the last call. */
  async function outcomes(from: BlobStore, of = update): Promise<string[]> {
    const told = (lastCall: boolean) =>
      look(from, { lastCall }, of).then(
        (result) => {
          if (result.ok) return 'passed'
          return result.unreachable ? `${result.gate} unanswered` : `${result.gate} failed`
        },
        (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
      )
    return [await told(false), await told(true)]
  }

  async function publish(of = update, blob = garbage): Promise<void> {
    await store.put(blob)
    await store.putRecord(openingKey(of.commitment), of.bytes)
  }

  /** Writes the opening without the store's checks, as anybody who shares its folder can. */
  async function forge(bytes: Uint8Array): Promise<void> {
    const path = join(dir, 'records', update.commitment.slice(2, 4), `${update.commitment}-opening`)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
  }

  it('fails an update at once that its owner did not put', async () => {
    expect(await outcomes(store)).to.deep.equal(['S0 failed', 'S0 failed'])
    await store.putRecord(openingKey(update.commitment), update.bytes)
    expect(await outcomes(store)).to.deep.equal(['S1 failed', 'S1 failed'])
  })

  it('fails an update at once that is bad as committed', async () => {
    await publish()
    expect(await outcomes(store)).to.deep.equal(['S1 failed', 'S1 failed'])
  })

  it('fails an update at once that is longer than any of the task', async () => {
    const blob = new Uint8Array(maxUpdateBytes(spec) + 1)
    const large = openingOf(blob)
    await publish(large, blob)
    expect(await outcomes(store, large)).to.deep.equal(['S1 failed', 'S1 failed'])
  })

  const record = JSON.parse(new TextDecoder().decode(update.bytes))
  const forged: [string, unknown][] = [
    ['a task id of 30 digits', { ...record, taskId: '9'.repeat(30) }],
    ['a contributor whose checksum is wrong', { ...record, contributor: `0x${'aB'.repeat(20)}` }],
    ['another salt', { ...record, salt: SEED }],
    ['nothing that it should say', 'maintenance'],
  ]
  for (const [what, content] of forged)
    it(`counts a record with ${what} as no answer: the commitment is to something else`, async () => {
      await publish()
      await forge(new TextEncoder().encode(JSON.stringify(content)))
      expect(await outcomes(store)).to.deep.equal(['unavailable', 'S0 unanswered'])
    })

  it('counts a blob that became corrupt in the store as no answer, each time', async () => {
    await publish()
    const hash = update.opening.updateHash
    await writeFile(join(dir, 'blobs', hash.slice(2, 4), hash), 'something else')
    expect(await outcomes(store)).to.deep.equal(['unavailable', 'S1 unanswered'])
    expect(await outcomes(store)).to.deep.equal(['unavailable', 'S1 unanswered'])
  })

  it('counts a failing disk as no answer', async () => {
    await publish()
    const hash = update.opening.updateHash
    await rm(join(dir, 'blobs', hash.slice(2, 4)), { recursive: true })
    await writeFile(join(dir, 'blobs', hash.slice(2, 4)), 'no folder')
    expect(await outcomes(store)).to.deep.equal(['unavailable', 'S1 unanswered'])
  })

  it('gives up at the deadline that all reads share', async () => {
    await publish()
    const signal = AbortSignal.abort(new Error('the phase is over'))
    expect(await look(store, { lastCall: true, signal })).to.include({ gate: 'S0', unreachable: true })
    const late = await look(store, { lastCall: false, signal }).catch((error: unknown) => error)
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
          expect(await outcomes(httpStore({ url, retries: 0 }))).to.deep.equal([
            'unavailable',
            'S0 unanswered',
          ])
        } finally {
          server.closeAllConnections()
          server.close()
        }
      })
  })
})
