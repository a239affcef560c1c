import { expect } from 'chai'
import { noiseVector, seedOf } from '../fixtures/small-tasks.ts'
import { distanceToMixes, nearestRows, type Rows } from './nearest-samples.ts'

const rowsOf = (...rows: number[][]): Rows => ({
  values: Float32Array.from(rows.flat()),
  width: rows[0]!.length,
})
const rows = rowsOf([0, 0, 0], [4, 0, 0], [0, 4, 0], [9, 9, 9], [4, 0, 0])
const at = (...values: number[]) => Float32Array.from(values)

describe('the nearest rows', () => {
  it('come in the order of their distances, the first of two equal ones first', () => {
    expect(nearestRows(rows, at(3, 0, 0), { count: 3 })).to.deep.equal({
      places: [1, 4, 0],
      squares: [1, 1, 9],
    })
    expect(nearestRows(rows, at(3, 0, 0), { count: 2, skip: 1 })).to.deep.equal({
      places: [4, 0],
      squares: [1, 9],
    })
  })

  it('are those that a plain search finds, with the same squares', () => {
    const [width, count] = [70, 300]
    const values = noiseVector(width * count, seedOf('rows'))
    const query = noiseVector(width, seedOf('query'))
    const plain = Array.from({ length: count }, (_, place) => {
      const row = values.subarray(place * width, (place + 1) * width)
      return {
        place,
        square: row.reduce((sum, value, k) => sum + (query[k]! - value) * (query[k]! - value), 0),
      }
    }).sort((a, b) => a.square - b.square)
    const { places, squares } = nearestRows({ values, width }, query, { count: 9 })
    expect(places).to.deep.equal(plain.slice(0, 9).map(({ place }) => place))
    expect(squares).to.deep.equal(plain.slice(0, 9).map(({ square }) => square))
  })

  it('are fewer when there are not more', () => {
    expect(nearestRows(rows, at(0, 0, 0), { count: 9 }).places).to.deep.equal([0, 1, 2, 4, 3])
    expect(nearestRows({ values: at(), width: 3 }, at(0, 0, 0), { count: 2 }).places).to.deep.equal([])
  })

  it('are as far as what can be mixed of them', () => {
    expect(distanceToMixes(rows, at(3, 0, 1), [0])).to.equal(Math.sqrt(10))
    expect(distanceToMixes(rows, at(3, 0, 1), [0, 1])).to.equal(1)
    expect(distanceToMixes(rows, at(2, 2, 0), [1, 2])).to.be.closeTo(0, 1e-12)
    expect(distanceToMixes(rows, at(1, 1, 5), [0, 1, 2])).to.equal(5)
    expect(distanceToMixes(rows, at(6, -2, 0), [1, 2]), 'with weights below 0').to.be.closeTo(0, 1e-12)
    expect(distanceToMixes(rows, at(4, 0, 2), [1, 4]), 'of two equal rows').to.equal(2)
    expect(distanceToMixes(rows, at(4, 0, 2), [])).to.equal(Number.POSITIVE_INFINITY)
  })
})
