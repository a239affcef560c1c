import { demand, EngineRefusal } from '../../refusal.ts'
import type { ModelKind } from './model-kind.ts'

const FORMS = 'logistic, mlp:64,32, cnn, cnn:16,32 or transformer:layers=2,width=64'
const DEFAULT_MAPS = [16, 32]
const MOST_LAYERS = 16
const MOST_WIDTH = 8192
const MOST_MAPS = 1024
/** Width of a head, unless the number of heads is given. */
const HEAD_WIDTH = 32

const TRANSFORMER = {
  layers: { what: 'number of layers', otherwise: 2, most: 12 },
  width: { what: 'width', otherwise: 64, most: 1024 },
  heads: { what: 'number of heads', otherwise: 0, most: 32 },
}

/**
 * A model by its name and sizes: `logistic`, `mlp:64,32` (widths of hidden layers), `cnn:16,32` (maps of each layer) or
 * `transformer:layers=2,width=64,heads=2`.
 *
 * @throws EngineRefusal `spec` that names what is wrong and what can be written
 */
export function readModelText(text: string): ModelKind {
  const colon = text.indexOf(':')
  const [name, sizes] = colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)]
  switch (name) {
    case 'logistic':
      demand(sizes === undefined, 'spec', () => `logistic takes no sizes, "${text}" has some; use ${FORMS}`)
      return { kind: 'mlp', hidden: [] }
    case 'mlp':
      demand(sizes !== undefined, 'spec', () => 'mlp needs the widths of its hidden layers: mlp:64,32')
      return { kind: 'mlp', hidden: readSizes(text, sizes, 'width', MOST_WIDTH) }
    case 'cnn':
      return {
        kind: 'cnn',
        maps: sizes === undefined ? DEFAULT_MAPS : readSizes(text, sizes, 'number of maps', MOST_MAPS),
      }
    case 'transformer':
      return readTransformer(text, sizes)
    default:
      throw new EngineRefusal('spec', `there is no model "${text}"; use ${FORMS}`)
  }
}

function readSizes(text: string, list: string, what: string, most: number): number[] {
  const sizes = list.split(',').map((size) => readCount(text, size, what, most))
  demand(
    sizes.length <= MOST_LAYERS,
    'spec',
    () => `model "${text}" has ${sizes.length} layers, the limit is ${MOST_LAYERS}; leave some out`,
  )
  return sizes
}

function readTransformer(text: string, sizes = ''): ModelKind {
  const given = new Map<string, number>()
  for (const part of sizes === '' ? [] : sizes.split(',')) {
    const [key = '', value = ''] = part.split('=', 2)
    demand(
      Object.hasOwn(TRANSFORMER, key) && !given.has(key),
      'spec',
      () =>
        `model "${text}" has "${part}"; give layers, width and heads, each once: layers=2,width=64,heads=2`,
    )
    const { what, most } = TRANSFORMER[key as keyof typeof TRANSFORMER]
    given.set(key, readCount(text, value, what, most))
  }
  const sizeOf = (key: keyof typeof TRANSFORMER) => given.get(key) ?? TRANSFORMER[key].otherwise
  const width = sizeOf('width')
  const heads = sizeOf('heads') || Math.max(1, Math.floor(width / HEAD_WIDTH))
  demand(
    width % heads === 0,
    'spec',
    () =>
      `model "${text}" has a width of ${width}, which ${heads} heads don't divide; use a multiple of ${heads}`,
  )
  return { kind: 'transformer', layers: sizeOf('layers'), width, heads }
}

function readCount(text: string, digits: string, what: string, most: number): number {
  demand(
    /^[1-9]\d{0,8}$/.test(digits) && Number(digits) <= most,
    'spec',
    () => `model "${text}" has "${digits}" as a ${what}; use a whole number from 1 to ${most}`,
  )
  return Number(digits)
}
