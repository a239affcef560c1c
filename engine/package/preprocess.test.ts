import { expect } from 'chai'
import { LETTERS, PATIENTS, PETS, ROWS } from '../fixtures/recipes.ts'
import { EngineRefusal } from '../refusal.ts'
import {
  checkPreprocess,
  MAX_PREPROCESS_BYTES,
  type Preprocess,
  preprocessBytes,
  readPreprocess,
} from './preprocess.ts'
import { classNames, demandForm, sampleForm } from './preprocess-form.ts'
import type { SampleSpec } from './sample-spec.ts'

const RECIPES: Preprocess[] = [PATIENTS, PETS, LETTERS, ROWS]

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    expect(error).to.be.instanceOf(EngineRefusal)
    return (error as Error).message
  }
  throw new Error('nothing was refused')
}

describe('preprocess.json', () => {
  for (const recipe of RECIPES)
    it(`of ${recipe.kind} is read as it was written`, () => {
      expect(readPreprocess(preprocessBytes(recipe))).to.deep.equal(recipe)
    })

  it('says what samples it makes', () => {
    expect(RECIPES.map(sampleForm)).to.deep.equal([
      { inputs: [{ name: 'x', dtype: 'float32', shape: [5] }], target: { kind: 'class', classes: 2 } },
      {
        inputs: [
          {
            name: 'x',
            dtype: 'float32',
            shape: [2, 2, 1],
            grid: { height: 2, width: 2, channels: 1, order: 'channels-last' },
          },
        ],
        target: { kind: 'class', classes: 2 },
      },
      {
        inputs: [{ name: 'x', dtype: 'int64', shape: [4], below: 4 }],
        target: { kind: 'tokens', length: 4, vocabulary: 4 },
      },
      { inputs: [{ name: 'x', dtype: 'float32', shape: [2] }], target: { kind: 'class', classes: 2 } },
    ])
    expect(RECIPES.map(classNames)).to.deep.equal([['well', 'ill'], ['cat', 'dog'], undefined, ['3', '5']])
  })

  it('names strata that are no classes', () => {
    const strata = (part: object, of: Preprocess) =>
      sampleForm(checkPreprocess({ ...of, strata: part })).strata
    expect(strata({ by: 'bands', column: 'age', borders: ['18', '65.5'] }, PATIENTS)).to.deep.equal([
      'below 18',
      'from 18 to 65.5',
      'from 65.5',
    ])
    expect(
      strata({ by: 'column', column: 'site', values: [['north', 'N'], ['south']] }, PATIENTS),
    ).to.deep.equal(['north', 'south'])
    expect(strata({ by: 'parts', parts: 2 }, LETTERS)).to.deep.equal(['part 1', 'part 2'])
    expect(strata({ by: 'file', files: [['a.txt'], ['b.txt']] }, LETTERS)).to.deep.equal(['a.txt', 'b.txt'])
    expect(strata({ by: 'column', array: 'site', values: [7, 8] }, ROWS)).to.deep.equal(['7', '8'])
  })

  it('gives strata names that task.json takes', () => {
    const files = [['=cmd'], ['ä-b (1).txt'], ['…'], ['x'.repeat(70)], ['cmd']]
    expect(sampleForm({ ...LETTERS, strata: { by: 'file', files } }).strata).to.deep.equal([
      'cmd',
      'ä-b (1).txt',
      'stratum 3',
      'x'.repeat(60),
      'stratum 5',
    ])
    const bands = { by: 'bands' as const, column: 'age', borders: ['-3', '5'] }
    expect(sampleForm({ ...PATIENTS, strata: bands }).strata).to.deep.equal([
      'below -3',
      'from -3 to 5',
      'from 5',
    ])
  })

  describe('beside a task', () => {
    const task = (recipe: Preprocess, change: object = {}): SampleSpec => {
      const { inputs, target, strata } = sampleForm(recipe)
      return { inputs, target, strata: strata ? { by: 'column', names: strata } : { by: 'class' }, ...change }
    }
    const parts: Preprocess = { ...LETTERS, strata: { by: 'parts', parts: 2 } }

    it('is taken if it makes what the task takes', () => {
      for (const recipe of [PATIENTS, PETS, ROWS, parts]) demandForm(recipe, task(recipe))
      const inputs = sampleForm(parts).inputs.map((input) => ({ ...input, below: 9 }))
      demandForm(parts, task(parts, { inputs, strata: { by: 'column', names: ['old', 'new'] } }))
    })

    const other: [of: Preprocess, change: object, fault: string][] = [
      [
        PATIENTS,
        { inputs: task(ROWS).inputs },
        'preprocess.json makes x float32 [5], the task takes x float32 [2]',
      ],
      [
        parts,
        { inputs: [{ ...task(parts).inputs[0], below: 3 }] },
        'makes x below 4, the task takes it below 3',
      ],
      [
        PATIENTS,
        { target: { kind: 'class', classes: 3 } },
        'makes the target {"classes":2,"kind":"class"}, the task takes {"classes":3',
      ],
      [
        PATIENTS,
        { strata: { by: 'column', names: ['a', 'b'] } },
        'makes strata of classes, the task takes 2',
      ],
      [parts, { strata: { by: 'column', names: ['a', 'b', 'c'] } }, 'makes 2 strata, the task takes 3'],
    ]
    for (const [of, change, fault] of other)
      it(`is refused where it ${fault}`, () => {
        expect(refusal(() => demandForm(of, task(of, change)))).to.include(fault)
      })
  })

  const [age, town, smoker] = PATIENTS.columns
  const wrong: [of: Preprocess, change: object, fault: string][] = [
    [PATIENTS, { format: 'assay-preprocess-2' }, 'format is "assay-preprocess-2"'],
    [PATIENTS, { kind: 'script' }, 'kind is "script"'],
    [PATIENTS, { code: 'rm' }, 'Unrecognized key: "code"'],
    [PATIENTS, { input: 'a b' }, 'input is "a b": expected a letter, then letters'],
    [PATIENTS, { input: 'stratum' }, 'none of y, lr'],
    [PATIENTS, { columns: [] }, 'columns: Too small'],
    [PATIENTS, { columns: [{ ...age, mean: '1,5' }] }, 'columns.0.mean is "1,5": expected a decimal'],
    [PATIENTS, { columns: [{ ...age, mean: '1e400' }] }, 'columns.0.mean is "1e400": expected a decimal'],
    [
      PATIENTS,
      { columns: [{ ...age, deviation: '0' }] },
      'columns.0.deviation is "0": expected a decimal above 0',
    ],
    [PATIENTS, { columns: [age, age] }, 'columns: "age" stands there twice'],
    [PATIENTS, { columns: [{ ...age, name: 'state' }] }, 'columns: "state" stands there twice'],
    [PATIENTS, { columns: [{ ...town, values: ['Ulm', 'NA'] }] }, 'columns.0: "NA" stands there twice'],
    [PATIENTS, { columns: [{ ...smoker, no: ['yes'] }] }, 'columns.0: "yes" stands there twice'],
    [
      PATIENTS,
      { target: { kind: 'class', column: 'state', classes: [['ill'], ['ill']] } },
      'target.classes: "ill" stands there twice',
    ],
    [
      PATIENTS,
      { strata: { by: 'bands', column: 'age', borders: ['5', '5.0'] } },
      'strata.borders.1 is "5.0": expected more than the border before it, 5',
    ],
    [PETS, { height: 4097 }, 'height is 4097: '],
    [PETS, { height: 4096, width: 4096 }, 'height is 4096: 16777216 values a sample, the limit is 8388608'],
    [PETS, { channels: 3 }, 'scale: 1 entries, channels is 3'],
    [
      LETTERS,
      { vocabulary: { of: 'characters', characters: 'aba', other: false } },
      '"a" stands there twice',
    ],
    [
      LETTERS,
      { vocabulary: { of: 'characters', characters: '\ud800', other: false } },
      'has half a character',
    ],
    [ROWS, { inputs: [...ROWS.inputs, ...ROWS.inputs] }, 'inputs: "x" stands there twice'],
    [ROWS, { target: { ...ROWS.target, classes: [1, 1.5] } }, 'target.classes.1 is 1.5: '],
  ]
  for (const [of, change, fault] of wrong)
    it(`is refused where ${fault}`, () => {
      const message = refusal(() => checkPreprocess({ ...of, ...change }))
      expect(message)
        .to.match(/^preprocess\.json is refused: /)
        .and.include(fault)
    })

  it('is refused unless it is canonical JSON of a bounded size', () => {
    const text = new TextDecoder().decode(preprocessBytes(PATIENTS))
    const read = (written: string) => refusal(() => readPreprocess(new TextEncoder().encode(written)))
    expect(read(`${text}\n`)).to.include('not canonical')
    expect(read(text.replace('{', '{"kind":"table",'))).to.include('not canonical')
    expect(read(`\ufeff${text}`)).to.include('not JSON')
    expect(refusal(() => readPreprocess(Uint8Array.of(0xff)))).to.include('not UTF-8')
    expect(refusal(() => readPreprocess(new Uint8Array(MAX_PREPROCESS_BYTES + 1)))).to.include(
      `${MAX_PREPROCESS_BYTES + 1} bytes, the limit is ${MAX_PREPROCESS_BYTES}`,
    )
    expect(refusal(() => checkPreprocess(null))).to.include('preprocess.json: ')
  })
})
