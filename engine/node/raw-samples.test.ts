import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { png } from '../fixtures/pictures.ts'
import { refusalOf } from '../fixtures/raw-files.ts'
import { LETTERS, PATIENTS, PETS } from '../fixtures/recipes.ts'
import { smallPackage } from '../fixtures/small-tasks.ts'
import type { Preprocess } from '../package/preprocess.ts'
import { sampleForm } from '../package/preprocess-form.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { isRaw, rawSamples } from './raw-samples.ts'

describe("samples of people's own files", () => {
  let dir: string
  let spec: TaskSpec
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-raw-samples-'))
    ;({ spec } = await smallPackage())
  })
  after(() => rm(dir, { recursive: true }))

  /** A task that takes what a preprocess.json makes. */
  function taskOf(preprocess: Preprocess): { spec: TaskSpec; preprocess: Preprocess } {
    const { inputs, target, strata } = sampleForm(preprocess)
    const by = strata === undefined ? { by: 'class' as const } : { by: 'column' as const, names: strata }
    return { spec: { ...spec, inputs, target, strata: by }, preprocess }
  }

  async function put(path: string, content: string | Uint8Array): Promise<string> {
    const file = join(dir, path)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, content)
    return file
  }

  it("are those of a table or a folder, without strata, which are a pool's", async () => {
    const file = await put('people.csv', 'age,town,smoker,state\n50,Ulm,yes,ill\n30,Bonn,no,well\n')
    const strata = { by: 'bands' as const, column: 'age', borders: ['40'] }
    const { n, inputs, y, ...rest } = await rawSamples(file, taskOf({ ...PATIENTS, strata }))
    expect([n, [...inputs.x!], [...y]]).to.deep.equal([2, [1, 1, 0, 0, 1, -1, 0, 0, 1, 0], [1, 0]])
    expect(rest).to.not.have.property('strata')
    const noAge = await put('ageless.csv', 'town,smoker,state\nUlm,yes,ill\n')
    const other = { by: 'column' as const, column: 'site', values: [['north'], ['south']] }
    expect((await rawSamples(file, taskOf({ ...PATIENTS, strata: other }))).n, 'no site').to.equal(2)
    expect(await refusalOf(() => rawSamples(noAge, taskOf(PATIENTS)))).to.include('age')
    const chapter = await put('new-chapter.txt', 'abab\nabab\n')
    const known = { ...LETTERS, strata: { by: 'file' as const, files: [['old.txt'], ['older.txt']] } }
    expect((await rawSamples(chapter, taskOf(known))).n, 'a text that the task does not know').to.equal(2)
    await put('pets/cat/1.png', png({ width: 2, height: 2, data: [0, 0, 0, 255] }))
    expect((await rawSamples(join(dir, 'pets'), taskOf(PETS))).n).to.equal(1)
  })

  it('are refused where the package does not say how they are made, or where they do not fit', async () => {
    const file = await put('people.csv', 'age,town,smoker,state\n50,Ulm,perhaps,ill\n')
    expect(await refusalOf(() => rawSamples(file, { spec }))).to.include('has no preprocess.json')
    expect(await refusalOf(() => rawSamples(file, taskOf(PATIENTS)))).to.include(
      'column "smoker" is "perhaps"',
    )
  })

  it('are told from data files by their ending, or as a folder', async () => {
    expect(await isRaw(await put('a.CSV', ''))).to.equal(true)
    expect(await isRaw(dir)).to.equal(true)
    for (const name of ['shard.safetensors', 'shard'])
      expect(await isRaw(await put(name, ''))).to.equal(false)
    expect(await isRaw(join(dir, 'gone'))).to.equal(false)
  })
})
