/** Samples of a table, by a preprocess.json of the kind `table`. */
import { type TablePreprocess, tableWidth } from '../package/preprocess.ts'
import type { Tensor } from '../package/safetensors.ts'
import { demand } from '../refusal.ts'
import { demandRoom, type SampleOptions, type Samples } from './samples.ts'
import { placeOf, type Table } from './table.ts'
import { inputPart, type Part, stratumPart, targetPart } from './table-parts.ts'

/** A tensor that grows row by row. */
type Growing = { name: string; part: Part; values: Float32Array | Int32Array }

/**
 * Makes a sample of each row. Columns that preprocess.json doesn't name are left out.
 *
 * @throws EngineRefusal `data` that names the row, the column, the value and what was expected
 */
export function tableSamples(
  recipe: TablePreprocess,
  table: Table,
  { isLabelled = true, hasStrata = true }: SampleOptions = {},
): Samples {
  demandRoom(`${table.file}: ${table.maxRows} rows`, table.maxRows, tableWidth(recipe))
  const parts = [{ name: recipe.input, part: inputPart(recipe, table) }]
  if (isLabelled) parts.push({ name: 'y', part: targetPart(recipe, table) })
  const stratum = isLabelled && hasStrata ? stratumPart(recipe, table) : undefined
  if (stratum !== undefined) parts.push({ name: 'stratum', part: stratum })
  const growing = parts.map(({ name, part }) => ({ name, part, values: part.room(table.maxRows) }))
  const lines = new Uint32Array(table.maxRows)
  let n = 0
  table.eachRow((row) => {
    for (const { part, values } of growing) part.write(row, values, n * part.width)
    lines[n++] = row.line
  })
  demand(n > 0, 'data', () => `${table.file} has no rows with values`)
  return {
    n,
    tensors: new Map(growing.map((one) => [one.name, tensorOf(one, n)])),
    placeOf: (i) => placeOf(table, { row: i + 1, line: lines[i]! }),
  }
}

function tensorOf({ part, values }: Growing, n: number): Tensor {
  const shape = part.isSingle ? [n] : [n, part.width]
  return values instanceof Int32Array
    ? { dtype: 'I32', shape, data: values.slice(0, n * part.width) }
    : { dtype: 'F32', shape, data: values.slice(0, n * part.width) }
}
