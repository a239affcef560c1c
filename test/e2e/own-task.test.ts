import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSafetensors } from '@assay/engine/package/safetensors.ts'
import { expect } from 'chai'
import { run } from './support/command.ts'

const ROOT = join(import.meta.dirname, '../..')

describe('a table of somebody\u2019s own', () => {
  it('becomes a task, is trained on a chain, and its model predicts for rows like those', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-own-'))
    try {
      const [mine, trained] = [join(folder, 'mine'), join(folder, 'trained')]
      const from = join(ROOT, 'examples/diabetes/samples.csv')
      const options = ['--target', 'progression', '--shards', '2', '--seed', '1', '--out', mine]
      const made = await run(join(ROOT, 'cli/assay.ts'), ['task', 'init', '--from', from, ...options])
      expect(made.code, made.stderr).to.equal(0)

      const few = ['--rounds', '1', '--out', trained, '--json']
      const played = await run(join(ROOT, 'scripts/federate.ts'), [mine, ...few])
      expect(played.code, played.stderr).to.equal(0)
      const { files, paid, rounds } = JSON.parse(played.stdout)
      expect(files).to.have.length(4)
      expect(paid.map(({ amount }: { amount: string }) => BigInt(amount) > 0n)).to.deep.equal([true, true])
      // In deviations of the target: whoever always says the mean is off by 0.85.
      expect(rounds[0].measured.figures.metricMicros).to.be.below(800_000)
      const weights = readSafetensors(await readFile(join(trained, 'model.safetensors')))
      expect([...weights.keys()]).to.include('w0')
      const asked = join(folder, 'asked.csv')
      const rows = (await readFile(from, 'utf8')).split('\n').slice(0, 4)
      await writeFile(asked, rows.map((row) => row.split(',').slice(0, -1).join(',')).join('\n'))
      const out = join(folder, 'predictions.json')
      const told = ['model', 'predict', '--model', trained, '--from', asked, '--out', out]
      const predicted = await run(join(ROOT, 'cli/assay.ts'), told)
      expect(predicted.code, predicted.stderr).to.equal(0)
      const values = JSON.parse(await readFile(out, 'utf8'))
      expect(values).to.have.length(3)
      // The target's own range.
      for (const { numbers } of values) expect(numbers.progression).to.be.within(0, 400)
      const again = await run(join(ROOT, 'cli/assay.ts'), told)
      expect(again.code).to.equal(2)
      expect(again.stderr).to.include('is there already')
      expect(await readFile(join(trained, 'model-card.md'), 'utf8')).to.include('standard deviations')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
