/** Samples of arrays, by a preprocess.json of the kind `arrays`. */
import type { ArraysPreprocess } from '../package/preprocess.ts'
import { elementCount, type Tensor } from '../package/safetensors.ts'
import { demand, EngineRefusal } from '../refusal.ts'
import { bandOf } from './bands.ts'
import type { RawArray } from './raw-array.ts'
import { demandRoom, type SampleOptions, type Samples } from './samples.ts'

type Scale = { mean: string; deviation: string }
type Arrays = ReadonlyMap<string, RawArray>
/** What becomes of a value; undefined if it isn't allowed. `place` is its place in its row. */
type Convert = (value: number, place: number) => number | undefined
type Wanted = { array: string; shape: readonly number[]; expected: string; convert: Convert }

/**
 * Makes a sample of each row of the arrays, which all have the same number of rows.
 *
 * @throws EngineRefusal `data` that names the array, the element, its value and what was expected
 */
export function arraySamples(
  recipe: ArraysPreprocess,
  arrays: Arrays,
  { isLabelled = true, hasStrata = true }: SampleOptions = {},
): Samples {
  const n = arrayNamed(arrays, recipe.inputs[0]!.array).shape[0] ?? 0
  demand(n > 0, 'data', () => `${arrayNamed(arrays, recipe.inputs[0]!.array).place} has no rows`)
  const size = recipe.inputs.reduce((sum, { shape }) => sum + elementCount(shape), 0)
  demandRoom(`${arrayNamed(arrays, recipe.inputs[0]!.array).place}: ${n} rows`, n, size)
  const tensors = new Map<string, Tensor>()
  for (const input of recipe.inputs) tensors.set(input.name, inputTensor(input, arrays, n))
  if (isLabelled) {
    tensors.set('y', targetTensor(recipe, arrays, n))
    const strata = hasStrata ? strataTensor(recipe, arrays, n) : undefined
    if (strata !== undefined) tensors.set('stratum', strata)
  }
  return { n, tensors, placeOf: (i) => `row ${i + 1}` }
}

function inputTensor(
  { array, shape, values }: ArraysPreprocess['inputs'][number],
  arrays: Arrays,
  n: number,
): Tensor {
  if (values.dtype === 'float32') return floats({ array, shape, ...scaled([values]) }, arrays, n)
  return integers({ array, shape, ...wholeBelow(values.below) }, arrays, n)
}

function targetTensor({ target }: ArraysPreprocess, arrays: Arrays, n: number): Tensor {
  const { array } = target
  switch (target.kind) {
    case 'class':
      return integers({ array, shape: [], ...oneOf(target.classes) }, arrays, n)
    case 'values':
      return floats({ array, shape: [target.columns.length], ...scaled(target.columns) }, arrays, n)
    case 'labels': {
      const convert: Convert = (value) => (value === 0 || value === 1 ? value : undefined)
      return floats({ array, shape: [target.count], expected: '0 or 1', convert }, arrays, n)
    }
    case 'tokens':
      return integers({ array, shape: [target.length], ...wholeBelow(target.vocabulary) }, arrays, n)
  }
}

function strataTensor({ strata }: ArraysPreprocess, arrays: Arrays, n: number): Tensor | undefined {
  if (strata === undefined) return undefined
  const { array } = strata
  if (strata.by === 'column') return integers({ array, shape: [], ...oneOf(strata.values) }, arrays, n)
  const borders = strata.borders.map(Number)
  const convert: Convert = (value) => (Number.isFinite(value) ? bandOf(value, borders) : undefined)
  return integers({ array, shape: [], expected: 'a finite number', convert }, arrays, n)
}

function scaled(scales: readonly Scale[]): Pick<Wanted, 'convert' | 'expected'> {
  const by = scales.map(({ mean, deviation }) => ({ mean: Number(mean), deviation: Number(deviation) }))
  const convert: Convert = (value, place) => {
    const { mean, deviation } = by[place % by.length]!
    const made = Math.fround((value - mean) / deviation)
    return Number.isFinite(made) ? made : undefined
  }
  return { convert, expected: 'a finite number that is a float32 once it is scaled' }
}

function wholeBelow(below: number): Pick<Wanted, 'convert' | 'expected'> {
  return {
    convert: (value) => (Number.isInteger(value) && value >= 0 && value < below ? value : undefined),
    expected: `a whole number from 0 to ${below - 1}`,
  }
}

function oneOf(numbers: readonly number[]): Pick<Wanted, 'convert' | 'expected'> {
  const places = new Map(numbers.map((number, i) => [number, i]))
  return { convert: (value) => places.get(value), expected: `one of ${numbers.slice(0, 20).join(', ')}` }
}

function floats(wanted: Wanted, arrays: Arrays, n: number): Tensor {
  const data = new Float32Array(n * elementCount(wanted.shape))
  fill(data, wanted, arrays, n)
  return { dtype: 'F32', shape: [n, ...wanted.shape], data }
}

function integers(wanted: Wanted, arrays: Arrays, n: number): Tensor {
  const data = new Int32Array(n * elementCount(wanted.shape))
  fill(data, wanted, arrays, n)
  return { dtype: 'I32', shape: [n, ...wanted.shape], data }
}

function fill(
  out: Float32Array | Int32Array,
  { array, shape, expected, convert }: Wanted,
  arrays: Arrays,
  n: number,
) {
  const { place, shape: found, values } = arrayNamed(arrays, array)
  const width = elementCount(shape)
  demand(
    found[0] === n && elementCount(found.slice(1)) === width,
    'data',
    () => `${place} has the shape [${found}], expected [${[n, ...shape]}]`,
  )
  for (let i = 0; i < out.length; i++) {
    const made = convert(values[i]!, i % width)
    demand(
      made !== undefined,
      'data',
      () =>
        `${place}, row ${Math.floor(i / width) + 1}, element ${(i % width) + 1} is ${values[i]}: expected ${expected}`,
    )
    out[i] = made
  }
}

function arrayNamed(arrays: Arrays, name: string): RawArray {
  const array = arrays.get(name)
  if (array !== undefined) return array
  throw new EngineRefusal(
    'data',
    `there is no array "${name}": the files hold ${[...arrays.keys()].slice(0, 20).join(', ')}`,
  )
}
