import { demand } from '../../refusal.ts'
import { relu } from '../operators/activations.ts'
import { dense } from '../operators/products.ts'
import { concat, reshape } from '../operators/shapes.ts'
import { sizeOf, type Tensor } from '../tape/tape.ts'
import { beforeRelu, type Draft, dropped, type Scores, weight } from './draft.ts'

/**
 * Multilayer perceptron with ReLU; without hidden layers linear. All inputs stand side by side.
 *
 * @returns scores [rows, count]
 */
export function mlp(draft: Draft, hidden: readonly number[], scores: Scores): Tensor {
  const widths = [...hidden, scores.count]
  return widths.reduce((below, width, i) => {
    const inputs = below.shape[1]!
    const usual = beforeRelu(inputs)
    const begins = i === hidden.length ? scores.begin(usual) : usual
    const w = weight(draft, `w${i}`, [inputs, width], begins)
    const sums = dense(below, w, weight(draft, `b${i}`, [width], { value: 0 }))
    return i === hidden.length ? sums : dropped(draft, relu(sums))
  }, flatInputs(draft))
}

function flatInputs({ inputs, rows }: Draft): Tensor {
  const [first, ...more] = inputs.map(({ name, dtype, tensor }) => {
    demand(
      dtype === 'float32',
      'spec',
      () =>
        `input ${name} holds ${dtype}, this model takes float32; use a transformer, or spread it into columns`,
    )
    return reshape(tensor, [rows, sizeOf(tensor) / rows])
  })
  return more.length === 0 ? first! : concat([first!, ...more], 1)
}
