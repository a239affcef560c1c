import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NO_PROGRAM } from '@assay/sdk/protocol/program.ts'
import { contributor } from '@assay/store/fixtures/records.ts'
import { expect } from 'chai'
import { openDaemonDatabase } from './database.ts'
import { createLogger } from './logging.ts'
import { openUploads } from './uploads.ts'
import { completed } from './work-context.ts'
import { openWorkbench } from './workbench.ts'

describe('what a daemon works with', () => {
  it('sends nothing any more when the daemon could not begin', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'assay-work-context-'))
    const asked = Promise.withResolvers<void>()
    const silent = createServer(() => asked.resolve())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const db = openDaemonDatabase(join(dir, 'daemon.sqlite'), [])
    const log = createLogger({ role: 'test', level: 'silent' })
    const locations = [{ url, stallTimeoutMs: 10 ** 8 }]
    const account = contributor
    const uploads = await openUploads({ dir, db, account, taskId: 7n, roundSeconds: 600, log, locations })
    const bench = openWorkbench({
      programRoot: NO_PROGRAM,
      getBlob: (blob, maxBytes) => uploads.store.get(blob, { maxBytes }),
    })
    try {
      await uploads.store.put(new TextEncoder().encode('an aggregate that its seat voted for'))
      await asked.promise
      const beginning = completed({ uploads, bench }, () => Promise.reject(new Error('the node is silent')))
      expect(await beginning.catch((error: unknown) => error)).to.match(/the node is silent/)
      await uploads.tried()
    } finally {
      db.close()
      silent.closeAllConnections()
      silent.close()
      await rm(dir, { recursive: true })
    }
  })
})
