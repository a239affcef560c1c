import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { regressionTask } from '@assay/engine/fixtures/kinds-of-samples.ts'
import { npyOf } from '@assay/engine/fixtures/numpy.ts'
import { png } from '@assay/engine/fixtures/pictures.ts'
import { BLOBS, BLOBS_CSV, PATIENTS } from '@assay/engine/fixtures/recipes.ts'
import { smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { readTaskPackage, writeTaskPackage } from '@assay/engine/node/task-package.ts'
import { readDataset } from '@assay/engine/package/data.ts'
import { PREPROCESS_FORMAT, preprocessBytes, type TablePreprocess } from '@assay/engine/package/preprocess.ts'
import { readSafetensors } from '@assay/engine/package/safetensors.ts'
import { expect } from 'chai'
import { describeData } from './describe-data.ts'
import { CliError } from './failure.ts'
import { learnRecipe } from './learn-recipe.ts'
import { prepareData } from './prepare-data.ts'

const PEOPLE = 'age,town,smoker,state\n50,Ulm,yes,ill\nNA,Bonn,0,healthy\n30,,no,well\n30,,no,well\n'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'assay-data-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(dir, name)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, content)
  return file
}

async function failure(work: Promise<unknown>): Promise<CliError> {
  const error = await work.then(
    () => new Error('nothing failed'),
    (reason) => reason,
  )
  expect(error, error.message).to.be.instanceOf(CliError)
  return error
}

describe('assay data describe', () => {
  it('tells what a table holds', async () => {
    const { data, text } = await describeData(await put('people.csv', PEOPLE), 'age')
    expect(text.split('\n')).to.deep.equal([
      'people.csv: 4 rows, 4 columns',
      'fields are separated by commas',
      'column  type    missing  values',
      'age     number  1        30 to 50, mean 36.6667, deviation 9.42809',
      'town    text    2        2 texts that differ',
      'smoker  text    0        3 texts that differ',
      'state   text    0        3 texts that differ',
      '1 row equal to an earlier one',
      "target age: a number; 1 row without it can't be used",
    ])
    expect(data).to.deep.include({
      kind: 'table',
      rows: 4,
      duplicates: 1,
      target: { name: 'age', kind: 'values' },
    })
    const [age] = (data as { columns: object[] }).columns
    expect(age).to.deep.include({
      name: 'age',
      different: 2,
      values: [
        { value: '30', count: 2 },
        { value: '50', count: 1 },
      ],
    })
  })

  it('tells the classes of a target, the most frequent first', async () => {
    const file = await put('a.csv', `x,kind\n${'1,b\n2,b\n3,a\n4,a\n5,b\n=6,?\n'}`)
    const { data, text } = await describeData(file, 'kind')
    expect(text).to.contain('target kind: 2 classes (b 3, a 2); 1 row without it')
    expect(text).to.contain('column "x" has 1 text that spreadsheets compute')
    expect(data).to.deep.include({ target: { name: 'kind', kind: 'class', classes: { b: 3, a: 2 } } })
  })

  it('tells what pictures, texts and arrays hold', async () => {
    await put('pets/cat/1.png', png({ width: 2, height: 1, data: [1, 2] }))
    await put('pets/dog/1.png', png({ width: 1, height: 1, data: [1] }))
    const pets = await describeData(join(dir, 'pets'))
    expect(pets.text.split('\n')).to.deep.equal([
      '2 pictures: PNG 2',
      'folders: cat 1, dog 1',
      'sizes: 2 × 1 1, 1 × 1 1',
      'no file is there twice',
    ])
    expect(JSON.parse(JSON.stringify(pets.data)).folders).to.deep.equal([
      { value: 'cat', count: 1 },
      { value: 'dog', count: 1 },
    ])
    expect((await describeData(await put('a.txt', 'ab\nb\n'))).text.split('\n')).to.deep.equal([
      'a.txt: 5 characters, 2 lines',
      '3 characters that differ: \\u{a}ab',
    ])
    expect(
      (await describeData(await put('x.npy', npyOf([1, Number.NaN], [1, 2])), 'x')).text.split('\n'),
    ).to.deep.equal(['x: float64 [1, 2], 1 to 1, 1 element not finite', 'target x'])
  })

  it('is refused with the fix', async () => {
    const file = await put('people.csv', PEOPLE)
    expect(await failure(describeData(join(dir, 'gone')))).to.include({ kind: 'usage', fix: 'Check --from.' })
    expect((await failure(describeData(file, 'size'))).fix).to.equal(
      'Give --target one of age, town, smoker, state.',
    )
    expect((await failure(describeData(file, 'state'))).message).to.contain(
      'texts that are hardly ever the same',
    )
    expect((await failure(describeData(await put('a.txt', 'ab'), 'a'))).message).to.contain(
      'holds text, which have no columns',
    )
    expect((await failure(describeData(await put('x.npy', npyOf([1])), 'y'))).fix).to.equal(
      'Give --target one of x.',
    )
  })
})

describe('assay data learn', () => {
  it('writes a preprocess.json by which the same files become samples', async () => {
    const from = await put('a.csv', `x,name,kind\n1,p,b\n2,q,b\n3,r,a\n4,s,a\n`)
    const out = join(dir, 'preprocess.json')
    const { data, text } = await learnRecipe({ from, out, targets: ['kind'] })
    expect(text.split('\n')).to.deep.equal([
      `${out}: inputs x float32 [1]; target one of 2 classes; strata: the classes`,
      'column "name" is left out: its texts are hardly ever the same',
    ])
    expect(data).to.deep.include({ out, kind: 'table', target: { kind: 'class', classes: 2 } })
    const made = await prepareData({ from, preprocess: out, out: join(dir, 'shard') })
    expect(made.text).to.contain('classes: a 2, b 2')
  })

  it('is refused with the fix, and replaces nothing', async () => {
    const from = await put('a.csv', 'x,kind\n1,b\n2,a\n')
    const out = await put('preprocess.json', 'mine')
    const { message, fix } = await failure(learnRecipe({ from, out, targets: ['kind'] }))
    expect(message).to.contain('column "kind" can\'t be predicted')
    expect(fix).to.contain('assay data describe')
    expect((await failure(learnRecipe({ from, out, targets: ['x'], without: [] }))).message).to.contain(
      'no column to predict x',
    )
    expect(await readFile(out, 'utf8')).to.equal('mine')
  })
})

/** How tables become samples of the fixture's regression task. */
function linesBySite(): TablePreprocess {
  const scale = { mean: '0', deviation: '1' }
  return {
    format: PREPROCESS_FORMAT,
    kind: 'table',
    input: 'x',
    missing: [],
    columns: ['a', 'b', 'c'].map((name) => ({ kind: 'number', name, ...scale })),
    target: { kind: 'values', columns: [{ name: 'y', ...scale }] },
    strata: { by: 'column', column: 'site', values: [['north'], ['south']] },
  }
}

describe('assay data prepare', () => {
  it('writes the samples as a data file, and says what they are', async () => {
    const from = await put('people.csv', PEOPLE)
    const preprocess = await put('preprocess.json', preprocessBytes(PATIENTS))
    const out = join(dir, 'shard.safetensors')
    const { data, text } = await prepareData({ from, preprocess, out })
    expect(text.split('\n')).to.deep.equal([
      `${out}: 4 samples`,
      'classes: well 3, ill 1',
      '1 sample has the inputs of an earlier one, 1 of them its target, too',
    ])
    expect(data).to.deep.include({ out, samples: 4, duplicates: { inputs: 1, wholes: 1 } })
    const tensors = readSafetensors(await readFile(out))
    expect([...tensors.keys()]).to.deep.equal(['x', 'y'])
    expect([...tensors.get('y')!.data]).to.deep.equal([1, 0, 0, 0])
  })

  it('writes the same bytes on every machine', async () => {
    const from = await put('people.csv', PEOPLE)
    const preprocess = await put('preprocess.json', preprocessBytes(PATIENTS))
    const out = join(dir, 'shard.safetensors')
    await prepareData({ from, preprocess, out })
    expect(blobHash(await readFile(out))).to.equal(
      '0xd7042ab16ff165905f52e50b214fbd960c3d1725758e4d59d55c8693e10721bc',
    )
  })

  it('goes by a package that says how files become samples', async () => {
    const [told, silent] = [join(dir, 'told'), join(dir, 'silent')]
    await writeTaskPackage(told, { ...smallTask(), preprocess: BLOBS })
    await writeTaskPackage(silent, smallTask())
    const from = await put('mine.csv', BLOBS_CSV)
    const out = join(dir, 'shard.safetensors')
    const { text } = await prepareData({ from, out, package: told })
    expect(text).to.contain('classes: 0 1, 1 0, 2 1')
    const { spec } = await readTaskPackage(told)
    expect(readDataset(await readFile(out), spec).n).to.equal(2)
    expect((await failure(prepareData({ from, out, package: silent }))).message).to.contain(
      'has no preprocess.json',
    )
    expect((await failure(prepareData({ from, out }))).fix).to.contain(
      '--task with a store, --package, or --preprocess',
    )
    expect((await failure(prepareData({ from, out, package: told, preprocess: out }))).message).to.contain(
      'Both',
    )
  })

  it('takes files of any stratum by a package, and by a preprocess.json only those of one that it names', async () => {
    const lines = linesBySite()
    const preprocess = await put('preprocess.json', preprocessBytes(lines))
    const folder = join(dir, 'lines')
    await writeTaskPackage(folder, { ...regressionTask(), preprocess: lines })
    const known = await put('known.csv', 'a,b,c,site,y\n1,2,3,north,4\n')
    const unknown = await put('unknown.csv', 'a,b,c,site,y\n1,2,3,east,4\n')
    const out = join(dir, 'shard.safetensors')
    const columns = async () => [...readSafetensors(await readFile(out)).keys()]
    await prepareData({ from: unknown, package: folder, out })
    expect(await columns()).to.have.members(['x', 'y'])
    expect((await failure(prepareData({ from: unknown, preprocess, out, force: true }))).message).to.contain(
      'column "site" is "east"',
    )
    await prepareData({ from: known, preprocess, out, force: true })
    expect(await columns()).to.have.members(['x', 'y', 'stratum'])
  })

  it('replaces a data file only when it is told to', async () => {
    const from = await put('people.csv', PEOPLE)
    const preprocess = await put('preprocess.json', preprocessBytes(PATIENTS))
    const out = await put('shard.safetensors', 'mine')
    expect((await failure(prepareData({ from, preprocess, out }))).fix).to.contain('--force')
    expect(await readFile(out, 'utf8')).to.equal('mine')
    await prepareData({ from, preprocess, out, force: true })
    expect(readSafetensors(await readFile(out)).size).to.equal(2)
  })

  it('writes nothing of what does not fit', async () => {
    const preprocess = await put('preprocess.json', preprocessBytes(PATIENTS))
    const from = await put('people.csv', `${PEOPLE}41,Ulm,perhaps,ill\n`)
    const out = join(dir, 'shard.safetensors')
    const { kind, message } = await failure(prepareData({ from, preprocess, out }))
    expect([kind, message]).to.deep.equal([
      'failed',
      `${from} doesn't fit the task: people.csv, row 5 (line 6), column "smoker" is "perhaps": expected "yes", "1", "no", "0".`,
    ])
    expect(await readFile(out).catch(({ code }) => code)).to.equal('ENOENT')
    const broken = await put('broken.json', '{}')
    expect((await failure(prepareData({ from, preprocess: broken, out }))).message).to.contain(
      'preprocess.json is refused',
    )
  })
})
