import { expect } from 'chai'
import { type Feed, openGraph } from '../../fixtures/run-graph.ts'
import { noiseVector, seedOf } from '../../fixtures/small-tasks.ts'
import { elementCount } from '../../package/safetensors.ts'
import { squaredLosses } from '../operators/losses.ts'
import { dense } from '../operators/products.ts'
import { reduceMean } from '../operators/reduce.ts'
import { encodeTape } from '../tape/encode.ts'
import { input, newTape, parameter } from '../tape/tape.ts'
import { descend, type Optimizer } from './optimizer.ts'
import { readOptimizerText } from './optimizer-text.ts'

/** A dense layer [4, 3] → [4, 2], whose weights' gradient is a product and whose bias' isn't. */
const SHAPES: Record<string, number[]> = { x: [4, 3], y: [4, 2], w: [3, 2], b: [2] }
const RATE = 0.1
const STEPS = 6

type Doubles = Record<string, number[]>

function start(): Doubles {
  return Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape]) => [
      name,
      [...noiseVector(elementCount(shape), seedOf(name))],
    ]),
  )
}

/** Gradients of the mean squared difference, in doubles. */
function gradientsOf({ x, y, w, b }: Doubles): Doubles {
  const error = (row: number, out: number) => {
    const score = [0, 1, 2].reduce((sum, k) => sum + x![3 * row + k]! * w![2 * k + out]!, b![out]!)
    return (2 * (score - y![2 * row + out]!)) / 8
  }
  const over = (of: (row: number) => number) => [0, 1, 2, 3].reduce((sum, row) => sum + of(row), 0)
  return {
    w: w!.map((_, at) => over((row) => x![3 * row + (at >> 1)]! * error(row, at & 1))),
    b: b!.map((_, out) => over((row) => error(row, out))),
  }
}

/** The optimizers as their papers write them. @param kept moments, by name */
function step(values: Doubles, kept: Doubles, optimizer: Optimizer, t: number): void {
  for (const [name, gradient] of Object.entries(gradientsOf(values))) {
    const [weights, mean, square] = [values[name]!, kept[`m ${name}`]!, kept[`v ${name}`]!]
    const way = (g: number, i: number): number => {
      if (optimizer.kind === 'sgd') return g
      if (optimizer.kind === 'momentum') {
        mean[i] = optimizer.momentum * mean[i]! + g
        return mean[i]
      }
      const { beta1, beta2, epsilon, weightDecay } = optimizer
      mean[i] = beta1 * mean[i]! + (1 - beta1) * g
      square[i] = beta2 * square[i]! + (1 - beta2) * g * g
      const [m, v] = [mean[i] / (1 - beta1 ** t), square[i] / (1 - beta2 ** t)]
      return m / (Math.sqrt(v) + epsilon) + (name === 'w' ? weightDecay * weights[i]! : 0)
    }
    gradient.forEach((g, i) => {
      weights[i]! -= RATE * way(g, i)
    })
  }
}

/** The values of the weights after some steps in the engine. */
async function engineSteps(optimizer: Optimizer): Promise<ReadonlyMap<string, Feed>> {
  const tape = newTape()
  const [x, y] = [input(tape, 'x', SHAPES.x!), input(tape, 'y', SHAPES.y!)]
  const [w, b] = [parameter(tape, 'w', SHAPES.w!), parameter(tape, 'b', SHAPES.b!)]
  const loss = reduceMean(squaredLosses(dense(x, w, b), y))
  const { next, local } = descend({ loss, weights: [w, b], rate: input(tape, 'lr', []) }, optimizer)
  const { run, close } = await openGraph(encodeTape(tape, 'step', next))
  const feeds = new Map<string, Feed>([['lr', { shape: [], data: Float32Array.of(RATE) }]])
  for (const [name, data] of Object.entries(start()))
    feeds.set(name, { shape: SHAPES[name]!, data: Float32Array.from(data) })
  for (const { name, shape, begins } of local)
    feeds.set(name, { shape, data: new Float32Array(elementCount(shape)).fill(begins) })
  for (let t = 0; t < STEPS; t++) {
    for (const [next, data] of Object.entries(await run(feeds))) {
      const name = next.replace(/_next$/, '')
      feeds.set(name, { ...feeds.get(name)!, data })
    }
  }
  await close()
  return feeds
}

describe('optimizers', () => {
  for (const text of ['sgd', 'momentum', 'momentum:0.5', 'adam', 'adamw:0.3']) {
    it(`step as their papers say: ${text}`, async () => {
      const optimizer = readOptimizerText(text)
      const after = await engineSteps(optimizer)
      const values = start()
      const kept = Object.fromEntries(
        ['w', 'b'].flatMap((name) =>
          ['m', 'v'].map((moment) => [`${moment} ${name}`, values[name]!.map(() => 0)]),
        ),
      )
      for (let t = 1; t <= STEPS; t++) step(values, kept, optimizer, t)
      for (const name of ['w', 'b'])
        after.get(name)!.data.forEach((value, i) => {
          expect(Number(value), `${name}[${i}]`).to.be.closeTo(values[name]![i]!, 2e-5)
        })
    })
  }

  const refused: [string, string][] = [
    ['sdg', 'there is no optimizer "sdg"; use sgd, momentum, momentum:0.9, adam, adamw or adamw:0.01'],
    ['sgd:0.1', 'sgd takes no number, "sgd:0.1" has one'],
    ['momentum:1', 'optimizer "momentum:1" has "1"; use a decimal between 0 and 1, such as 0.9'],
    ['momentum:', 'optimizer "momentum:" has ""'],
    ['adamw:0.0', 'optimizer "adamw:0.0" has "0.0"'],
    ['adamw:0.1:2', 'optimizer "adamw:0.1:2" has two colons'],
  ]
  for (const [text, message] of refused) {
    it(`are refused as "${text}"`, () => {
      expect(() => readOptimizerText(text)).to.throw(message)
    })
  }
})
