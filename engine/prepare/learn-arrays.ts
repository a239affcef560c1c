/** Works out a preprocess.json for arrays: which are inputs, and what the target is. */
import { type ArraysPreprocess, checkPreprocess, PREPROCESS_FORMAT } from '../package/preprocess.ts'
import { elementCount } from '../package/safetensors.ts'
import { isInputName } from '../package/sample-spec.ts'
import { demand } from '../refusal.ts'
import type { Learned } from './learned.ts'
import { quantileBorders } from './quantile-borders.ts'
import type { RawArray } from './raw-array.ts'

/** Whole numbers of at most so many values are classes. */
const MOST_CLASSES = 100

export type ArrayTargets = {
  /** The array that is to be predicted. */
  target: string
  /** Arrays of whole numbers that stand for something, such as words; others are measures. */
  tokens?: readonly string[]
}

/**
 * Works out how the rows of arrays become samples: all arrays but the target that have as many rows are inputs.
 *
 * @throws EngineRefusal `data` for a target or tokens that aren't there, and for values that aren't finite
 */
export function learnArrays(
  arrays: ReadonlyMap<string, RawArray>,
  { target: name, tokens = [] }: ArrayTargets,
): Learned {
  for (const wanted of [name, ...tokens])
    demand(
      arrays.has(wanted),
      'data',
      () => `there is no array "${wanted}": the files hold ${[...arrays.keys()].slice(0, 20).join(', ')}`,
    )
  const aim = arrays.get(name)!
  const { inputs, notes } = inputArrays(arrays, aim)
  const { target, strata } = targetOf(aim)
  if (strata === undefined && target.kind !== 'class')
    notes.push('strata are to be named: only an array of one column gives bands')
  const recipe = checkPreprocess({
    format: PREPROCESS_FORMAT,
    kind: 'arrays',
    inputs: namedInputs(inputs, tokens),
    target,
    ...(strata !== undefined && { strata }),
  })
  return { recipe, notes }
}

/** The arrays with as many rows as the target. */
function inputArrays(
  arrays: ReadonlyMap<string, RawArray>,
  aim: RawArray,
): { inputs: RawArray[]; notes: string[] } {
  const others = [...arrays.values()].filter((array) => array !== aim)
  const inputs = others.filter(({ shape }) => shape[0] === aim.shape[0])
  demand(
    inputs.length > 0,
    'data',
    () => `${aim.place} has ${aim.shape[0] ?? 0} rows, and no other array has as many`,
  )
  const notes = others
    .filter((array) => !inputs.includes(array))
    .map(({ name, shape }) => `array "${name}" is left out: it has the shape [${shape}]`)
  return { inputs, notes }
}

function namedInputs(inputs: readonly RawArray[], tokens: readonly string[]): ArraysPreprocess['inputs'] {
  const taken = new Map<string, string>()
  return inputs.map((array, i) => {
    const name = inputName(array.name, i)
    demand(
      !taken.has(name),
      'data',
      () =>
        `the arrays "${taken.get(name)}" and "${array.name}" would both be the input ${name}: give one of them another name`,
    )
    taken.set(name, array.name)
    return {
      name,
      array: array.name,
      shape: array.shape.length === 1 ? [1] : array.shape.slice(1),
      values: tokens.includes(array.name) ? tokenValues(array) : { dtype: 'float32', ...scaleOf(array) },
    }
  })
}

function targetOf(array: RawArray): Pick<ArraysPreprocess, 'target' | 'strata'> {
  const { name, shape } = array
  const width = elementCount(shape.slice(1))
  const different = valuesIn(array, MOST_CLASSES)
  const isWhole = different?.every(Number.isInteger) ?? false
  if (width === 1 && isWhole && different!.length > 1)
    return { target: { kind: 'class', array: name, classes: different! } }
  if (width > 1 && different?.every((value) => value === 0 || value === 1))
    return { target: { kind: 'labels', array: name, count: width } }
  const target = { kind: 'values' as const, array: name, columns: new Array(width).fill(scaleOf(array)) }
  if (width > 1) return { target }
  return {
    target,
    strata: { by: 'bands', array: name, borders: quantileBorders(Float64Array.from(array.values)) },
  }
}

/** The values that an array has, in their order; undefined if there are more than `most`. */
function valuesIn({ values }: RawArray, most: number): number[] | undefined {
  const seen = new Set<number>()
  for (let i = 0; i < values.length; i++) {
    seen.add(values[i]!)
    if (seen.size > most) return undefined
  }
  return [...seen].sort((a, b) => a - b)
}

function tokenValues(array: RawArray) {
  let greatest = 0
  for (let i = 0; i < array.values.length; i++) greatest = Math.max(greatest, array.values[i]!)
  return { dtype: 'int64' as const, below: Math.max(2, greatest + 1) }
}

/** Mean and deviation of all elements, in the order of the file. */
function scaleOf({ place, values }: RawArray): { mean: string; deviation: string } {
  let [mean, spread] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const away = values[i]! - mean
    mean += away / (i + 1)
    spread += away * (values[i]! - mean)
  }
  demand(
    Number.isFinite(mean) && Number.isFinite(spread),
    'data',
    () => `${place} has elements that are not finite`,
  )
  const deviation = Math.sqrt(spread / values.length)
  return { mean: String(mean), deviation: String(deviation > 0 ? deviation : 1) }
}

/** The array's own name, if task.json takes it for an input. */
function inputName(name: string, i: number): string {
  return isInputName(name) ? name : `x${i + 1}`
}
