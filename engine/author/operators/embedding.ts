import { emit, linked, scalar, sizeOf, type Tensor } from '../tape/tape.ts'
import { expand, reshape } from './shapes.ts'

/**
 * Rows of a table by their numbers. The gradient of a row is the sum over the places that took it, added in their order.
 *
 * @param table [rows, width]
 * @param ids int64 of any shape, 0 ≤ id < rows
 * @returns [...ids' shape, width]
 */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  const [, width] = table.shape
  const result = emit('Gather', [table, ids], { shape: [...ids.shape, width!] })
  const along = (g: Tensor) => {
    const count = sizeOf(ids)
    const zeros = expand(scalar(table.tape, 0), table.shape)
    const places = reshape(ids, [count, 1])
    const rows = reshape(g, [count, width!])
    return emit('ScatterND', [zeros, places, rows], { shape: table.shape }, { reduction: 'add' })
  }
  return linked(result, [{ to: table, gradient: along }])
}
