import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tryPool } from '@assay/engine/judge/pool-trial.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { type Draft, draftOf } from './init-draft.ts'
import { type InitOptions, readSource } from './init-plan.ts'

const DIABETES = join(import.meta.dirname, '../examples/diabetes/samples.csv')
const VALIDATORS = 12

describe('a draft of a task', () => {
  const draft = async (changes: Partial<InitOptions>) => {
    const options = { from: DIABETES, out: 'unused', targets: ['progression'], shards: 3, rate: '0.003' }
    const all = { ...options, ...changes }
    return draftOf(await readSource(all), all)
  }

  /** How many validators take its pool: each draws for itself. */
  const takersOf = async ({ task, pool }: Draft) => {
    const engine = await openEngine(task)
    try {
      let takers = 0
      for (let i = 0; i < VALIDATORS; i++) {
        const seed = deriveSeed(task.specHash, 'validator', BigInt(i))
        if ((await tryPool({ engine, init: task.init, pool, seed })).isFit) takers++
      }
      return takers
    } finally {
      await engine.close()
    }
  }

  for (const seed of ['2', '4'])
    it(`of few patients has a pool that each validator takes, whatever it draws (seed ${seed})`, async () => {
      expect(await takersOf(await draft({ seed }))).to.equal(VALIDATORS)
    })

  it('has a larger pool where the usual one would be refused by some', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-draft-'))
    try {
      const from = join(folder, 'few.csv')
      await writeFile(from, (await readFile(DIABETES, 'utf8')).split('\n').slice(0, 171).join('\n'))
      // Two fifths of 170 are 68.
      expect((await draft({ from, seed: '2' })).pool.n).to.be.within(80, 90)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('is refused where no pool is large enough, with what would help', async () => {
    const refusal = (changes: Partial<InitOptions>) =>
      draft({ seed: '1', ...changes }).then(
        () => expect.fail('it was drafted'),
        ({ message, fix }) => `${message} ${fix}`,
      )
    const asked = await refusal({ holdout: 0.05 })
    expect(asked).to.match(
      /^Validators may refuse a held-out pool of \d\d samples: .* more than 4\. Nothing was/,
    )
    expect(asked).to.include('a larger --holdout').and.include('--force')
    expect((await draft({ seed: '1', holdout: 0.05, force: true })).pool.n).to.be.below(30)
  })
})
