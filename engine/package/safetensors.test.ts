import { expect } from 'chai'
import fc from 'fast-check'
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts'

function file(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

const entry = (shape: number[], begin: number, end: number, dtype = 'F32') =>
  `{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${begin},${end}]}`

function expectRefusal(bytes: Uint8Array, reason: string | RegExp, limits = {}): void {
  expect(() => readSafetensors(bytes, limits))
    .to.throw(reason)
    .with.property('code', 'safetensors')
}

describe('safetensors', () => {
  const tensorArbitrary: fc.Arbitrary<Tensor> = fc
    .array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
    .chain((shape) => {
      const size = shape.reduce((product, dimension) => product * dimension, 1)
      const exactly = { minLength: size, maxLength: size }
      return fc.oneof(
        fc
          .float32Array({ ...exactly, noNaN: true, noDefaultInfinity: true })
          .map((data): Tensor => ({ dtype: 'F32', shape, data })),
        fc.int32Array(exactly).map((data): Tensor => ({ dtype: 'I32', shape, data })),
        fc.uint8Array(exactly).map((data): Tensor => ({ dtype: 'U8', shape, data })),
      )
    })
  const name = fc.stringMatching(/^[a-z][a-z0-9_.]{0,10}$/)

  it('reads back what it writes, bit for bit, whatever order names were given in', () => {
    fc.assert(
      fc.property(fc.dictionary(name, tensorArbitrary), (record) => {
        const tensors = new Map(Object.entries(record))
        const bytes = writeSafetensors(tensors)
        const read = readSafetensors(bytes)
        expect(new Map([...read].sort())).to.deep.equal(new Map([...tensors].sort()))
        expect(writeSafetensors(new Map([...tensors].reverse()))).to.deep.equal(bytes)
      }),
      { seed: 11, numRuns: 100 },
    )
  })

  it('reads what other writers produce: spaces, metadata, any order', () => {
    const header = `{"__metadata__":{"format":"pt"}, "b":${entry([1], 4, 8)},\n"a" : ${entry([], 0, 4)}}   `
    const read = readSafetensors(file(header, new Uint8Array(8)))
    expect([...read.keys()]).to.deep.equal(['a', 'b'])
  })

  it('reads out of Node buffers, which share their memory with others', () => {
    const bytes = writeSafetensors(
      new Map([['w', { dtype: 'F32', shape: [2], data: Float32Array.of(1.5, -2) }]]),
    )
    const pool = Buffer.concat([Buffer.from([7, 7, 7]), bytes])
    const read = readSafetensors(pool.subarray(3))
    pool.fill(0)
    expect([...read.get('w')!.data]).to.deep.equal([1.5, -2])
  })

  it('never answers otherwise than with a refusal when bytes are changed or cut', () => {
    const good = writeSafetensors(
      new Map<string, Tensor>([
        ['w', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
        ['y', { dtype: 'I32', shape: [2], data: Int32Array.of(7, 8) }],
      ]),
    )
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(good.length - 1), fc.nat(255), (length, at, byte) => {
        const bytes = good.slice()
        bytes[at] = byte
        for (const hostile of [bytes, good.slice(0, length), bytes.slice(0, length)]) {
          try {
            readSafetensors(hostile)
          } catch (error) {
            expect(error).to.have.property('code', 'safetensors')
          }
        }
      }),
      { seed: 12, numRuns: 500 },
    )
  })

  it('refuses a truncated file', () => {
    const good = writeSafetensors(new Map([['w', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]]))
    expectRefusal(good.slice(0, 5), 'truncated: 5 bytes')
    expectRefusal(good.slice(0, 40), /truncated: header claims \d+ bytes, 32 follow/)
    expectRefusal(good.slice(0, -1), /tensors end at byte 8, the file holds 7/)
  })

  it('refuses a header that claims more than its limit, before reading it', () => {
    const bytes = new Uint8Array(16)
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 63n, true)
    expectRefusal(bytes, 'header claims 9223372036854775808 bytes, the limit is 65536')
  })

  it('refuses a file over its size limit', () => {
    expectRefusal(new Uint8Array(100), 'file has 100 bytes, the limit is 99', { maxBytes: 99 })
  })

  it('refuses too many tensors', () => {
    const header = `{"a":${entry([0], 0, 0)},"b":${entry([0], 0, 0)}}`
    expectRefusal(file(header), '2 tensors, the limit is 1', { maxTensors: 1 })
  })

  it('refuses a name that stands twice, in the header or inside an entry', () => {
    const twice = `{"a":${entry([1], 0, 4)},"a":${entry([1], 0, 4)}}`
    expectRefusal(file(twice, new Uint8Array(4)), 'holds a name twice')
    const inside = `{"a":{"dtype":"F32","shape":[9],"shape":[1],"data_offsets":[0,4]}}`
    expectRefusal(file(inside, new Uint8Array(4)), 'holds a name twice')
    const escaped = `{"a":${entry([1], 0, 4)},"\\u0061":${entry([1], 0, 4)}}`
    expectRefusal(file(escaped, new Uint8Array(4)), 'holds a name twice')
  })

  it('refuses gaps, overlaps and trailing bytes', () => {
    expectRefusal(file(`{"a":${entry([1], 4, 8)}}`, new Uint8Array(8)), 'a begins at byte 4')
    const overlap = `{"a":${entry([2], 0, 8)},"b":${entry([1], 4, 8)}}`
    expectRefusal(
      file(overlap, new Uint8Array(8)),
      'b begins at byte 4 of the data, the tensor before it ends at 8',
    )
    expectRefusal(
      file(`{"a":${entry([1], 0, 4)}}`, new Uint8Array(5)),
      'tensors end at byte 4, the file holds 5',
    )
  })

  it('refuses shapes that do not fit their bytes, are not whole, or too deep', () => {
    expectRefusal(file(`{"a":${entry([2], 0, 4)}}`, new Uint8Array(4)), 'needs 8 bytes, data_offsets give 4')
    expectRefusal(file(`{"a":${entry([2 ** 40, 2 ** 40], 0, 4)}}`, new Uint8Array(4)), 'data_offsets give 4')
    expectRefusal(file(`{"a":${entry([-1], 0, 4)}}`, new Uint8Array(4)), 'shape is not a list')
    expectRefusal(file(`{"a":${entry([0.5], 0, 2)}}`, new Uint8Array(4)), 'shape is not a list')
    expectRefusal(file(`{"a":${entry(new Array(9).fill(1), 0, 4)}}`, new Uint8Array(4)), 'at most 8')
  })

  it('refuses other element types and unknown keys', () => {
    expectRefusal(
      file(`{"a":${entry([1], 0, 8, 'F64')}}`, new Uint8Array(8)),
      '"F64" is not one of F32, I32, U8',
    )
    expectRefusal(
      file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"path":"/x"}}`),
      'unknown key path',
    )
    expectRefusal(file(`{"a":${entry([1], 0, 4, 'toString')}}`, new Uint8Array(4)), 'is not one of')
  })

  it('refuses names that are paths or tricks', () => {
    for (const bad of ['', 'a b', '__proto__', 'x'.repeat(129), 'é']) {
      expectRefusal(file(`{"${bad}":${entry([0], 0, 0)}}`), "can't name a tensor")
    }
  })

  it('refuses headers that are not JSON objects of UTF-8', () => {
    expectRefusal(file('{"a":'), 'header is not JSON')
    expectRefusal(file('[]'), 'not a JSON object')
    expectRefusal(file('{"a":[]}'), 'entry is not an object')
    expectRefusal(file('{"__metadata__":{"a":1}}'), '__metadata__ is not an object of strings')
    expectRefusal(file('['.repeat(60_000)), /header/)
    const invalid = file('{"a":1}')
    invalid[9] = 0xff
    expectRefusal(invalid, 'not UTF-8')
  })

  it('refuses NaN and infinities, unless told otherwise', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const bytes = writeSafetensors(
        new Map([['w', { dtype: 'F32', shape: [2], data: Float32Array.of(1, bad) }]]),
      )
      expectRefusal(bytes, `w[1] is ${bad}`)
      expect(readSafetensors(bytes, { finite: false }).get('w')!.data[1]).to.deep.equal(bad)
    }
  })
})
