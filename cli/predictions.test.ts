import { PREPROCESS_FORMAT, type Preprocess } from '@assay/engine/package/preprocess.ts'
import { expect } from 'chai'
import { csvOf, predictionsOf } from './predictions.ts'

const FORMAT = { format: PREPROCESS_FORMAT } as const
const COLUMNS = [{ kind: 'number', name: 'a', mean: '0', deviation: '1' }] as const

function table(target: Extract<Preprocess, { kind: 'table' }>['target']): Preprocess {
  return { ...FORMAT, kind: 'table', input: 'x', missing: [''], columns: [...COLUMNS], target }
}

describe('what a model predicts', () => {
  it('is the likeliest class, by the first of its spellings, with all chances', () => {
    const recipe = table({ kind: 'class', column: 'size', classes: [['small', 'S'], ['large']] })
    const rows = [Float32Array.of(0.25, 0.75), Float32Array.of(0.5, 0.5)]
    expect(predictionsOf(recipe, { target: { kind: 'class', classes: 2 } }, rows)).to.deep.equal([
      { sample: 1, prediction: 'large', numbers: { small: 0.25, large: 0.75 } },
      { sample: 2, prediction: 'small', numbers: { small: 0.5, large: 0.5 } },
    ])
  })

  it('is values in their own units', () => {
    const columns = [
      { name: 'cm', mean: '170', deviation: '10' },
      { name: 'kg', mean: '70', deviation: '0.5' },
    ]
    const recipe = table({ kind: 'values', columns })
    const [one] = predictionsOf(recipe, { target: { kind: 'values', count: 2 } }, [Float32Array.of(-1, 2)])
    expect(one).to.deep.equal({ sample: 1, prediction: '160 71', numbers: { cm: 160, kg: 71 } })
  })

  it('is the labels that are likelier than not', () => {
    const columns = ['red', 'round'].map((name) => ({ name, yes: ['y'], no: ['n'] }))
    const recipe = table({ kind: 'labels', columns })
    const [one] = predictionsOf(recipe, { target: { kind: 'labels', count: 2 } }, [
      Float32Array.of(0.125, 0.875),
    ])
    expect(one).to.deep.equal({ sample: 1, prediction: 'round', numbers: { red: 0.125, round: 0.875 } })
  })

  it('is the token after the last', () => {
    const vocabulary = { of: 'characters', characters: 'ab', other: true } as const
    const recipe: Preprocess = { ...FORMAT, kind: 'text', input: 'x', vocabulary, length: 2, stride: 2 }
    const target = { kind: 'tokens', length: 2, vocabulary: 3 } as const
    const rows = [Float32Array.of(1, 0, 0, 0.25, 0.5, 0.25), Float32Array.of(1, 0, 0, 0, 0, 1)]
    expect(predictionsOf(recipe, { target }, rows).map(({ prediction }) => prediction)).to.deep.equal([
      'b',
      'other',
    ])
  })

  it('is a table in which no text is a formula or breaks a row', () => {
    const names = ['=HYPERLINK("x")', 'a,b', '-1.5', 'line\nbreak', '-1+1', '-2 3.5']
    const rows = names.map((prediction, i) => ({ sample: i + 1, prediction, numbers: { [prediction]: i } }))
    const [head, ...lines] = csvOf(rows.slice(0, 3)).trimEnd().split('\n')
    expect(head).to.equal('sample,prediction,"\'=HYPERLINK(""x"")","a,b",-1.5')
    expect(lines).to.deep.equal(['1,"\'=HYPERLINK(""x"")",0,,', '2,"a,b",,1,', '3,-1.5,,,2'])
    expect(csvOf(rows.slice(3)))
      .to.include('"line\nbreak"')
      .and.include("'-1+1")
      .and.include('6,-2 3.5')
  })
})
