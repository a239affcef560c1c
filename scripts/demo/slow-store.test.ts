import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFileStore } from '@assay/store/file-store.ts'
import { httpStore } from '@assay/store/http-store.ts'
import { severalStores } from '@assay/store/several-stores.ts'
import { expect } from 'chai'
import { startSlowStore, urlOf } from './slow-store.ts'

const BYTES = new TextEncoder().encode('an update')

describe('the demo: a slow store', () => {
  let server: Server
  let dir: string
  before(async () => {
    server = await startSlowStore({ hangMs: 100, dripMs: 10 })
    dir = await mkdtemp(join(tmpdir(), 'assay-slow-'))
  })
  after(async () => {
    server.closeAllConnections()
    server.close()
    await rm(dir, { recursive: true })
  })

  const slow = () => httpStore({ url: urlOf(server), retries: 0 })

  it('drips and hangs, and gives nothing to anybody', async () => {
    const good = await openFileStore({ dir })
    const hash = await good.put(BYTES)
    for (const _ of ['drips', 'hangs']) {
      const failure = await slow()
        .get(hash, { maxBytes: 2_000_000 })
        .catch((error: Error) => error)
      expect(failure).to.include({ code: 'unavailable' })
    }
    expect(
      await slow()
        .put(BYTES)
        .catch((error: Error) => error),
    ).to.include({ code: 'unavailable' })
  })

  it('keeps nothing from those who have another store as well', async () => {
    const good = await openFileStore({ dir })
    const both = severalStores(
      [
        { name: 'slow', store: slow() },
        { name: 'good', store: good },
      ],
      { hedgeMs: 10 },
    )
    const hash = await both.put(BYTES)
    expect(await both.get(hash, { maxBytes: 100 })).to.deep.equal(BYTES)
  })
})
