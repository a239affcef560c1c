import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { runExample } from '../../scripts/examples/run-example.ts'
import { lagOf, WORKED_EXAMPLES } from '../../scripts/examples/worked-examples.ts'

const SEED = 1
const SILENT = { step: () => {}, phase: () => {} }

describe('the worked example', () => {
  for (const example of WORKED_EXAMPLES) {
    const { name, metric, bar } = example

    it(`${name} ends with a model that predicts: ${metric} ${bar} or better`, async () => {
      const folder = await mkdtemp(join(tmpdir(), `assay-${name}-`))
      try {
        const { signal } = new AbortController()
        const { found } = await runExample(example, { folder, seed: SEED, progress: SILENT, signal })
        expect(lagOf(metric, found, bar), `${metric} ${found}`).to.be.at.most(0)
      } finally {
        await rm(folder, { recursive: true })
      }
    })
  }
})
