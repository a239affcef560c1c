import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { fetchNode } from '../../tools/fetch-node.ts'
import { workHashes } from '../fixtures/determinism-work.ts'

const run = promisify(execFile)
const work = fileURLToPath(new URL('../fixtures/determinism-work.ts', import.meta.url))
const golden = new URL('../fixtures/determinism-golden.json', import.meta.url)
/** The oldest that is supported, and the one that is fetched where Node is older; but not the one that runs this. */
const NODES = ['22.18.0', '24.21.0'].filter((version) => version !== process.versions.node)

async function hashesUnder(node: string): Promise<unknown> {
  // With its usual tiers, which tools/late-tier-up.cjs puts off elsewhere in the tests.
  const env = { ...process.env, NODE_OPTIONS: '' }
  const { stdout } = await run(node, ['--no-warnings', work], { env })
  return JSON.parse(stdout)
}

describe('the same work gives the same bits', () => {
  it('as on the machine where the expected hashes were written', async () => {
    expect(await workHashes()).to.deep.equal(JSON.parse(await readFile(golden, 'utf8')))
  })

  it(`in another process, under Node ${process.versions.node}`, async () => {
    expect(await hashesUnder(process.execPath)).to.deep.equal(JSON.parse(await readFile(golden, 'utf8')))
  })

  for (const version of NODES) {
    it(`under Node ${version}`, async () => {
      expect(await hashesUnder(await fetchNode(version))).to.deep.equal(
        JSON.parse(await readFile(golden, 'utf8')),
      )
    })
  }
})
