import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { type PackageWithPool, smallPackage } from '../fixtures/small-tasks.ts'
import { type Hash, sha256Each } from '../hash.ts'
import { openStateChunk, type State, stateHash } from './state.ts'
import {
  bytesRoot,
  canonicalNaNs,
  openTensorChunk,
  type StateChunk,
  stateHeader,
  stateTreeHash,
  tensorPath,
  tensorRoot,
  verifyStateChunk,
  verifyTensorChunk,
} from './state-tree.ts'
import { stateChunkBytesFor, type TaskSpec } from './task-spec.ts'

/** sha256 as the documentation writes it: of bytes one after the other. Numbers are bytes. */
function sha(...parts: (number | string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    if (typeof part === 'number') hash.update(Uint8Array.of(part))
    else hash.update(typeof part === 'string' ? Buffer.from(part.replace('0x', ''), 'hex') : part)
  }
  return `0x${hash.digest('hex')}`
}

const u32 = (value: number) => value.toString(16).padStart(8, '0')
const u64 = (value: number) => value.toString(16).padStart(16, '0')

function bytesOf(values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => {
    bytes.writeFloatLE(value, 4 * i)
  })
  return new Uint8Array(bytes)
}

/** The top of hashes by the rule, the slow way. */
function topOf(hashes: string[]): string {
  if (hashes.length === 1) return hashes[0]!
  const nodes = []
  for (let i = 0; i < hashes.length; i += 64) nodes.push(sha(1, ...hashes.slice(i, i + 64)))
  return topOf(nodes)
}

/** The root of a tensor by the rule, the slow way. */
function slowRoot(values: readonly number[], chunkBytes: number): string {
  const bytes = bytesOf(values)
  const chunks = []
  for (let i = 0; i < bytes.length; i += chunkBytes) chunks.push(sha(0, bytes.subarray(i, i + chunkBytes)))
  return sha(2, u64(bytes.length), u32(chunkBytes), topOf(chunks))
}

/** A float with these bits. */
function bitsOf(...words: number[]): Float32Array {
  return new Float32Array(Uint32Array.from(words).buffer)
}

const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => i / 7 - 3)

describe('the root of a tensor', () => {
  // One below, at and above a node's 64 hashes, and the same one level up.
  for (const chunks of [1, 2, 63, 64, 65, 4096, 4097]) {
    it(`is that of the documented tree over ${chunks} chunks`, () => {
      const values = numbers(2 * chunks - 1)
      expect(tensorRoot(values, 8)).to.equal(slowRoot([...values], 8))
    })
  }

  it('binds every value, the length and the size of chunks', () => {
    const values = numbers(70)
    const roots = [
      tensorRoot(values, 4),
      tensorRoot(values, 8),
      tensorRoot(numbers(69), 4),
      tensorRoot(Float32Array.of(...numbers(69), 0), 4),
      ...[0, 63, 64].map((i) => tensorRoot(values.with(i, 9), 4)),
    ]
    expect(new Set(roots).size).to.equal(roots.length)
  })

  it('is the same wherever the values lie in memory', () => {
    const values = numbers(300)
    expect(tensorRoot(Float32Array.of(1, ...values).subarray(1), 1024)).to.equal(tensorRoot(values, 1024))
  })

  it('is refused for no values, and for chunks that cut a value', () => {
    expect(() => tensorRoot(new Float32Array(0), 1024)).to.throw(RangeError, 'without values')
    for (const bytes of [0, -4, 6, 4.5, Number.NaN])
      expect(() => tensorRoot(numbers(3), bytes)).to.throw(RangeError, `chunks of ${bytes} bytes`)
    expect(() => bytesRoot(new Uint8Array(7), 1024)).to.throw(RangeError, '7 bytes are no whole values')
  })
})

describe('NaN', () => {
  const NANS = [0x7fc00000, 0xffc00000, 0x7fc00001, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff]

  it('has one root, whatever its payload, its sign, or whether it signals', () => {
    const roots = NANS.map((bits) => tensorRoot(bitsOf(0x3f800000, bits, 0x40000000), 1024))
    expect(new Set(roots)).to.deep.equal(new Set([roots[0]]))
    expect(roots[0]).to.equal(sha(2, u64(12), u32(1024), sha(0, '0x0000803f' + '0000c07f' + '00000040')))
  })

  it('is opened as it was hashed', () => {
    const values = bitsOf(...NANS, 0x3f800000)
    const opening = openTensorChunk(values, 8, 2)
    expect(Buffer.from(opening.data).toString('hex')).to.equal('0000c07f0000c07f')
    expect(verifyTensorChunk(tensorRoot(values, 8), opening)).to.equal(true)
  })

  it('is all that changes: −0, subnormals, infinities and the largest numbers keep their bits', () => {
    const words = [0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x7f800000, 0xff800000, 0x7f7fffff, 0xff7fffff]
    const kept = bitsOf(...words)
    expect(canonicalNaNs(kept)).to.equal(kept)
    const mixed = canonicalNaNs(bitsOf(...words, 0xffc12345))
    expect([...new Uint32Array(mixed.buffer)]).to.deep.equal([...words, 0x7fc00000])
    expect(tensorRoot(bitsOf(0), 4)).to.not.equal(tensorRoot(bitsOf(0x80000000), 4))
    expect(tensorRoot(bitsOf(0), 4)).to.not.equal(tensorRoot(bitsOf(1), 4))
  })

  it('is made canonical in a copy: the tensor itself is still in use', () => {
    const values = bitsOf(0xffc12345, 0x3f800000)
    canonicalNaNs(values)
    expect([...new Uint32Array(values.buffer)]).to.deep.equal([0xffc12345, 0x3f800000])
    const part = canonicalNaNs(bitsOf(1, 0xffc12345, 2).subarray(1))
    expect([...new Uint32Array(part.buffer)]).to.deep.equal([0x7fc00000, 2])
  })
})

describe('the hash of a state', () => {
  let task: PackageWithPool
  before(async () => {
    task = await smallPackage()
  })

  it('is that of the documented tree: a header of names and shapes, and the roots of the tensors', () => {
    const { state, stateChunkBytes } = task.spec
    const header = sha(
      3,
      u32(stateChunkBytes),
      u32(state.length),
      ...state.flatMap(({ name, shape }) => [
        u32(name.length),
        new TextEncoder().encode(name),
        u32(shape.length),
        ...shape.map(u32),
      ]),
    )
    const roots = state.map(({ name }) => slowRoot([...task.init.get(name)!], stateChunkBytes))
    expect(stateHash(task.spec, task.init)).to.equal(sha(4, u32(state.length), header, topOf(roots)))
  })

  it('commits to names, shapes, order and size of chunks', () => {
    const { spec, init } = task
    const changed: TaskSpec[] = [
      { ...spec, stateChunkBytes: 4096 },
      { ...spec, state: spec.state.toReversed() },
      { ...spec, state: spec.state.map((tensor) => ({ ...tensor, shape: [...tensor.shape, 1] })) },
    ]
    const renamed = spec.state.map((tensor) => ({ ...tensor, name: `${tensor.name}x` }))
    const hashes = [
      stateHash(spec, init),
      ...changed.map((other) => stateHash(other, init)),
      stateHash({ ...spec, state: renamed }, new Map([...init].map(([name, data]) => [`${name}x`, data]))),
    ]
    expect(new Set(hashes).size).to.equal(hashes.length)
  })

  it('tells a name from the dimensions that follow it', () => {
    const one = stateHeader([{ name: 'ab', shape: [1] }], 1024)
    expect(one).to.not.equal(stateHeader([{ name: 'a', shape: [1] }], 1024))
    expect(stateHeader([{ name: 'a', shape: [2, 3] }], 1024)).to.not.equal(
      stateHeader([{ name: 'a', shape: [3, 2] }], 1024),
    )
  })

  it('takes chunks of 1,024 bytes for up to a million values, of 4,096 above', () => {
    const of = (values: number) => stateChunkBytesFor([{ shape: [values - 4] }, { shape: [2, 2] }])
    expect([of(101_770), of(1_000_000), of(1_000_001)]).to.deep.equal([1024, 1024, 4096])
  })

  it('is the same without Node, as in a browser', async () => {
    const native = process.getBuiltinModule
    const asked = '../hash.ts?without-node'
    try {
      Object.assign(process, { getBuiltinModule: undefined })
      const portable: typeof import('../hash.ts') = await import(asked)
      const pieces = [bytesOf([1, 2, 3]), new Uint8Array(0), bytesOf(new Array(300).fill(0.5))]
      const digests = portable.sha256Each(pieces.length, (i) => pieces[i]!)
      expect(portable.sha256Each).to.not.equal(sha256Each)
      expect(digests).to.deep.equal(sha256Each(pieces.length, (i) => pieces[i]!))
      expect(Buffer.from(digests).toString('hex')).to.equal(
        pieces.map((piece) => sha(piece).slice(2)).join(''),
      )
    } finally {
      Object.assign(process, { getBuiltinModule: native })
    }
  })
})

describe('an opening of a state', () => {
  let task: PackageWithPool
  before(async () => {
    task = await smallPackage({ hidden: [40, 20] })
  })

  /** Any chunk of a state of 6 tensors, whose largest has 4 chunks. */
  const places = () =>
    task.spec.state.flatMap(({ name }, tensor) => {
      const chunks = Math.ceil(task.init.get(name)!.byteLength / task.spec.stateChunkBytes)
      return Array.from({ length: chunks }, (_, chunk) => ({ tensor, chunk }))
    })

  it('shows each chunk in its place, and in no other', () => {
    const { spec, init } = task
    const hash = stateHash(spec, init)
    expect(places().length).to.be.above(spec.state.length)
    for (const place of places()) {
      const opening = openStateChunk(spec, init, place)
      expect(verifyStateChunk(hash, opening)).to.equal(true)
      for (const other of places()) {
        const isHere = other.tensor === place.tensor && other.chunk === place.chunk
        expect(verifyStateChunk(hash, { ...opening, ...other })).to.equal(isHere)
      }
    }
  })

  it('is refused after any change', () => {
    const { spec, init } = task
    const hash = stateHash(spec, init)
    const opening = openStateChunk(spec, init, { tensor: 2, chunk: 1 })
    const other: Hash = `0x${'ab'.repeat(32)}`
    const { data, chunkPath, tensorPath: siblings } = opening
    const changes: Partial<StateChunk>[] = [
      { header: other },
      { header: '0x' },
      { tensorCount: opening.tensorCount + 1 },
      { byteLength: opening.byteLength - 4 },
      { byteLength: 0 },
      { byteLength: 2 ** 60 },
      { chunkBytes: 4096 },
      { chunkBytes: 2 ** 32 },
      { chunkBytes: 6 },
      { chunk: -1 },
      { chunk: 0.5 },
      { tensor: -1 },
      { data: data.with(0, data[0]! ^ 1) },
      { data: data.slice(4) },
      { data: Uint8Array.of(...data, 0, 0, 0, 0) },
      { data: new Uint8Array(0) },
      { chunkPath: [] },
      { chunkPath: [...chunkPath, []] },
      { chunkPath: [chunkPath[0]!.slice(1)] },
      { chunkPath: [[...chunkPath[0]!, other]] },
      { chunkPath: [chunkPath[0]!.toReversed()] },
      { chunkPath: [chunkPath[0]!.with(0, '0x12')] },
      { tensorPath: [] },
      { tensorPath: [siblings[0]!.with(0, other)] },
    ]
    expect(verifyStateChunk(hash, opening)).to.equal(true)
    expect(verifyStateChunk(other, opening)).to.equal(false)
    for (const change of changes)
      expect(verifyStateChunk(hash, { ...opening, ...change }), JSON.stringify(change)).to.equal(false)
  })

  it('is refused where there is nothing to open', () => {
    const { spec, init } = task
    expect(() => openStateChunk(spec, init, { tensor: 6, chunk: 0 })).to.throw(RangeError, 'leaf 6 of a')
    expect(() => openStateChunk(spec, init, { tensor: 1, chunk: 1 })).to.throw(RangeError, 'leaf 1 of a')
    const broken: State = new Map(init).set('b0', new Float32Array(40).fill(Number.NaN))
    expect(() => openStateChunk(spec, broken, { tensor: 0, chunk: 0 })).to.throw('b0[0] is NaN')
  })

  it('never shows a node as a chunk, nor a tensor as a node', () => {
    // A tensor whose one chunk has the bytes of a node over two chunks.
    const two = numbers(4)
    const node = Buffer.concat(
      [0, 1].map((i) => Buffer.from(sha(0, bytesOf([...two].slice(2 * i, 2 * i + 2))).slice(2), 'hex')),
    )
    const asChunk = { byteLength: 64, chunkBytes: 64, chunk: 0, data: new Uint8Array(node), chunkPath: [] }
    expect(verifyTensorChunk(tensorRoot(two, 8), asChunk)).to.equal(false)
    const roots = [tensorRoot(two, 8), tensorRoot(two, 4)]
    const header = stateHeader([], 8)
    expect(stateTreeHash(header, [stateTreeHash(header, roots)])).to.not.equal(stateTreeHash(header, roots))
  })

  it('of a tree of any size holds for its own values only', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 80 }),
        fc.constantFrom(4, 8, 12, 64),
        fc.nat(),
        fc.nat(),
        (count, tensors, chunkBytes, pickChunk, pickTensor) => {
          const values = numbers(count)
          const root = tensorRoot(values, chunkBytes)
          const tensor = pickTensor % tensors
          const roots = Array.from({ length: tensors }, (_, i) =>
            i === tensor ? root : tensorRoot(numbers(i + 1), 4),
          )
          const header = stateHeader([], chunkBytes)
          const opened = openTensorChunk(values, chunkBytes, pickChunk % Math.ceil((4 * count) / chunkBytes))
          const place = { header, tensor, tensorCount: tensors, tensorPath: tensorPath(roots, tensor) }
          const hash = stateTreeHash(header, roots)
          expect(verifyStateChunk(hash, { ...opened, ...place })).to.equal(true)
          const data = opened.data.with(0, opened.data[0]! ^ 128)
          expect(verifyStateChunk(hash, { ...opened, ...place, data })).to.equal(false)
        },
      ),
      { seed: 26, numRuns: 30 },
    )
  })
})
