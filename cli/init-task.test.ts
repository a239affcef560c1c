import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepApart } from '@assay/engine/author/keep-apart.ts'
import { readPoolFile, readTaskPackage } from '@assay/engine/node/task-package.ts'
import { readDataset } from '@assay/engine/package/data.ts'
import { drawUint, type Hash } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { CliError } from './failure.ts'
import type { InitOptions } from './init-plan.ts'
import { initTask } from './init-task.ts'
import { parseTerms } from './task-terms.ts'

const SEED: Hash = `0x${'1a'.repeat(32)}`

/** Rows of two numbers whose sum decides the class, or is the value. */
function rows(n: number): string {
  const lines = Array.from({ length: n }, (_, i) => {
    const [a, b] = [drawUint(SEED, 2 * i, 1000) / 100, drawUint(SEED, 2 * i + 1, 1000) / 100]
    return `${a},${b},${a + b > 10 ? 'large' : 'small'},${a + 2 * b}`
  })
  return `a,b,size,sum\n${lines.join('\n')}\n`
}

describe('a task of somebody\u2019s own files', () => {
  let folder: string
  let outs = 0

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-init-'))
    await writeFile(join(folder, 'rows.csv'), rows(600))
    await writeFile(join(folder, 'few.csv'), rows(12))
  })
  after(() => rm(folder, { recursive: true }))

  const init = (changes: Partial<InitOptions> = {}) => {
    const out = join(folder, `out-${outs++}`)
    const options = {
      from: join(folder, 'rows.csv'),
      targets: ['size'],
      without: ['sum'],
      shards: 2,
      seed: '1',
    }
    return { out, made: initTask({ ...options, out, model: 'logistic', ...changes }) }
  }
  const refusalOf = (made: Promise<unknown>) =>
    made.then(
      () => 'none',
      (error) => {
        if (error instanceof CliError) return `${error.message} ${error.fix}`
        throw error
      },
    )

  it('is a package that runs, with a pool that no shard has any of, and terms that task create takes', async () => {
    const { out, made } = init()
    const { data, text } = await made
    const { spec, specHash, preprocess, predictGraph } = await readTaskPackage(join(out, 'package'))
    expect(predictGraph).to.not.equal(undefined)
    expect(data).to.include({ specHash, poolSamples: spec.pool.samples })
    expect(spec.target).to.deep.equal({ kind: 'class', classes: 2 })
    expect(text).to.include('logistic with momentum').and.include('accuracy').and.include('2 shards')

    const pool = await readPoolFile(join(out, 'pool.safetensors'), spec)
    const names = await readdir(join(out, 'shards'))
    const shards = await Promise.all(
      names.map(async (name) => readDataset(await readFile(join(out, 'shards', name)), spec)),
    )
    expect(pool.samples.n + shards.reduce((sum, { n }) => sum + n, 0)).to.equal(600)
    keepApart(pool.samples, new Map(shards.map((shard, i) => [String(i), shard])))
    expect(preprocess).to.include({ kind: 'table' })
    const terms = await readFile(join(out, 'terms.json'), 'utf8')
    expect(parseTerms(terms, 'terms.json').slots).to.equal(4)
  })

  it('has the learning rate that served best, and predicts values in units of their scale', async () => {
    const { out, made } = init({ targets: ['sum'], without: ['size'] })
    const { trials } = (await made).data as { trials: { rate: string; meanLoss?: number }[] }
    const best = trials.toSorted((a, b) => (a.meanLoss ?? 1e9) - (b.meanLoss ?? 1e9))[0]!
    const { spec } = await readTaskPackage(join(out, 'package'))
    expect(spec.schedule).to.deep.equal({ kind: 'constant', rate: best.rate })
    expect(spec.metric).to.include({ name: 'mean absolute error', unit: 'standard deviations' })
    expect(spec.strata.by).to.equal('column')
  })

  it('follows from the files, the options and the seed alone', async () => {
    const hashes = await Promise.all(
      [{}, {}, { seed: '2' }].map(async (changes) => {
        const { made } = init({ rate: '0.1', ...changes })
        return ((await made).data as { specHash: string }).specHash
      }),
    )
    expect(hashes[0]).to.equal(hashes[1])
    expect(hashes[2]).to.not.equal(hashes[0])
  })

  it('is refused with what would make it work, and nothing is overwritten', async () => {
    const cases: [Partial<InitOptions>, string][] = [
      [{ out: folder }, 'is not empty. Give --out a new folder'],
      [{ targets: ['colour'] }, 'No task can be made of'],
      [{ model: 'forest' }, 'there is no model "forest"'],
      [{ optimizer: 'newton' }, 'there is no optimizer "newton"'],
      [{ steps: 25 }, "--steps is 25, which 10 doesn't divide. A round commits to 10 states"],
      [{ from: join(folder, 'few.csv') }, ''],
      [{ shards: 500 }, "can't be dealt to 500 contributors"],
    ]
    for (const [changes, sentence] of cases) {
      const { out, made } = init(changes)
      const refusal = await refusalOf(made)
      expect(refusal, JSON.stringify(changes)).to.include(sentence).and.not.equal('none')
      if (changes.out === undefined)
        expect(await readTaskPackage(join(out, 'package')).catch(() => undefined)).to.equal(undefined)
    }
  })
})
