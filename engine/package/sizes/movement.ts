/** Sizes of operators that make, cut, join and reorder values. */
import { TensorProto_DataType as DataType } from 'onnx-buf'
import { elementCount } from '../safetensors.ts'
import { broadcast, type Rule } from './elementwise.ts'
import { axisOf, type Node, refuse, sizeOf, sumOf } from './node.ts'
import { constantValue, isExact, isWhole, MOST_FOLLOWED, makeValue, type Value } from './value.ts'

/** An element's share, beside a product's multiply–add. Measured: see decision 0023. */
const MOVED_ELEMENT = 32
const SCATTERED_ELEMENT = 512
/** For each halving of what is looked through. */
const SORTED_ELEMENT = 128

const moved = (...outputs: Value[]) => ({
  outputs,
  operations: MOVED_ELEMENT * outputs.reduce((sum, { shape }) => sum + elementCount(shape), 0),
})

/** The value with another shape of as many elements. */
function reshaped(value: Value, shape: readonly number[]): Value {
  if (elementCount(shape) === elementCount(value.shape)) return makeValue(value.type, shape, value.known)
  return refuse(
    `makes the shape [${shape}] of a value of shape [${value.shape}]; keep the number of elements`,
  )
}

const sizes = (list: readonly number[], what: string) => list.map((size) => sizeOf(size, what))
const required = (node: Node, i: number) =>
  node.constant(i) ?? refuse(`lacks its input ${i + 1}; export it again`)

const shape: Rule = (node) => {
  const all = node.input(0).shape
  const from = (at: number) => (at < 0 ? Math.max(0, at + all.length) : at)
  const part = all.slice(from(node.int('start', 0)), from(node.int('end', all.length)))
  return moved(makeValue(DataType.INT64, [part.length], part))
}

const size: Rule = (node) => moved(makeValue(DataType.INT64, [], [elementCount(node.input(0).shape)]))

/** The engine takes the first attribute, whatever it is called. */
const constant: Rule = (node) => {
  if (node.attributeCount !== 1) refuse(`has ${node.attributeCount} attributes; give one value`)
  const tensor = node.tensor('value')
  if (tensor !== undefined) return moved(constantValue(tensor))
  const float = node.float('value_float')
  const floats = node.floats('value_floats')
  const ints = node.ints('value_ints')
  if (floats?.length) return moved(makeValue(DataType.FLOAT, [floats.length], floats))
  if (ints?.length) return moved(makeValue(DataType.INT64, [ints.length], ints))
  if (float !== undefined) return moved(makeValue(DataType.FLOAT, [], [float]))
  const int = node.int('value_int', Number.NaN)
  if (!Number.isNaN(int)) return moved(makeValue(DataType.INT64, [], [int]))
  return refuse('has no value; give it as a tensor, a number or a list of numbers')
}

const constantOfShape: Rule = (node) => {
  const of = sizes(required(node, 0), 'a size')
  const fill = node.tensor('value')
  const { type, known } = fill === undefined ? { type: DataType.FLOAT, known: [0] } : constantValue(fill)
  const count = elementCount(of)
  const contents =
    known !== undefined && count <= 64 ? Array.from({ length: count }, () => known[0]!) : undefined
  return moved(makeValue(type, of, contents))
}

const expand: Rule = (node) => {
  const value = node.input(0)
  return moved(makeValue(value.type, broadcast([value.shape, sizes(required(node, 1), 'a size')])))
}

const tile: Rule = (node) => {
  const value = node.input(0)
  const repeats = sizes(required(node, 1), 'a repeat')
  if (repeats.length !== value.shape.length)
    refuse(`has ${repeats.length} repeats for a value of rank ${value.shape.length}; give one for each axis`)
  return moved(
    makeValue(
      value.type,
      value.shape.map((one, i) => one * repeats[i]!),
    ),
  )
}

const range: Rule = (node) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => required(node, i)[0]!) as [number, number, number]
  const { type } = node.input(0)
  // Between floats the engine counts in float64, as we do.
  const exact = [start, limit, delta, ...(type === DataType.FLOAT ? [] : [limit - start])]
  if (!exact.every((one) => isExact(type, one)))
    refuse(`counts from ${start} to ${limit} by ${delta}; use numbers that its type holds exactly`)
  const length = sizeOf(Math.max(0, Math.ceil((limit - start) / delta)), 'the number of its values')
  const isFollowed = isWhole(type) && length <= MOST_FOLLOWED
  const known = isFollowed ? Array.from({ length }, (_, i) => start + i * delta) : undefined
  return moved(makeValue(type, [length], known))
}

const oneHot: Rule = (node) => {
  const { shape: of } = node.input(0)
  const depth = sizeOf(required(node, 1)[0] ?? Number.NaN, 'its depth')
  const axis = axisOf(node.int('axis', -1), of.length + 1)
  return moved(makeValue(node.input(2).type, of.toSpliced(axis, 0, depth)))
}

const eyeLike: Rule = (node) => {
  const { type, shape: of } = node.input(0)
  return moved(makeValue(node.int('dtype', type), of))
}

const pad: Rule = (node) => {
  const { type, shape: of } = node.input(0)
  const pads = required(node, 1)
  const axes = (node.constant(3) ?? of.map((_, i) => i)).map((axis) => axisOf(axis, of.length))
  if (pads.length !== 2 * axes.length)
    refuse(`has ${pads.length} pads for ${axes.length} axes; give two for each`)
  const padded = of.map((one, axis) => {
    const at = axes.indexOf(axis)
    return at < 0 ? one : sumOf(one, pads[at]!, pads[at + axes.length]!)
  })
  return moved(makeValue(type, padded))
}

const reshape: Rule = (node) => {
  const value = node.input(0)
  const wanted = required(node, 1)
  const keepsZero = node.flag('allowzero', false)
  const known = wanted.map((one, i) => (one === 0 && !keepsZero ? (value.shape[i] ?? 0) : one))
  const rest = known.filter((one) => one !== -1).reduce((product, one) => product * one, 1)
  const open = rest === 0 ? 0 : elementCount(value.shape) / rest
  return moved(
    reshaped(
      value,
      sizes(
        known.map((one) => (one === -1 ? open : one)),
        'a size',
      ),
    ),
  )
}

const flatten: Rule = (node) => {
  const value = node.input(0)
  const axis = node.int('axis', 1)
  const at = axis < 0 ? axis + value.shape.length : axis
  const [before, after] = [value.shape.slice(0, at), value.shape.slice(at)]
  return moved(reshaped(value, [elementCount(before), elementCount(after)]))
}

const squeeze: Rule = (node) => {
  const value = node.input(0)
  const axes = node.constant(1)?.map((axis) => axisOf(axis, value.shape.length))
  const goes = (i: number) => (axes === undefined ? value.shape[i] === 1 : axes.includes(i))
  return moved(
    reshaped(
      value,
      value.shape.filter((_, i) => !goes(i)),
    ),
  )
}

const unsqueeze: Rule = (node) => {
  const value = node.input(0)
  const added = required(node, 1)
  const rank = value.shape.length + added.length
  const axes = added.map((axis) => axisOf(axis, rank))
  if (new Set(axes).size !== axes.length)
    refuse(`adds the axes [${added}], one of them twice; name each once`)
  const old = value.shape.values()
  const wider = Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : (old.next().value ?? 1)))
  return moved(reshaped(value, wider))
}

const transpose: Rule = (node) => {
  const { type, shape: of } = node.input(0)
  const order = node.ints('perm') ?? of.map((_, i) => of.length - 1 - i)
  if (order.length !== of.length || !of.every((_, i) => order.includes(i)))
    refuse(`has the order [${order}] for a value of rank ${of.length}; name each axis once`)
  return moved(
    makeValue(
      type,
      order.map((axis) => of[axis]!),
    ),
  )
}

const concat: Rule = (node) => {
  const first = node.input(0)
  const parts = node.inputs.map((_, i) => node.input(i))
  const axis = axisOf(node.int('axis', 0), first.shape.length)
  const fits = parts.every(
    ({ shape }) =>
      shape.length === first.shape.length && shape.every((one, i) => i === axis || one === first.shape[i]),
  )
  if (!fits)
    refuse(`joins shapes [${parts.map((one) => one.shape).join('] and [')}], which don't fit; make them fit`)
  const joined = first.shape.with(
    axis,
    parts.reduce((sum, { shape }) => sum + shape[axis]!, 0),
  )
  const known = parts.every((one) => one.known !== undefined && one.shape.length === 1)
  return moved(makeValue(first.type, joined, known ? parts.flatMap((one) => one.known!) : undefined))
}

const split: Rule = (node) => {
  const { type, shape: of } = node.input(0)
  const axis = axisOf(node.int('axis', 0), of.length)
  const count = node.outputCount
  const said = node.int('num_outputs', count)
  if (said !== count) refuse(`has ${count} outputs and ${said} as num_outputs; make them equal`)
  const each = Math.ceil(of[axis]! / count)
  const parts =
    node.constant(1) ??
    Array.from({ length: count }, (_, i) => Math.min(each, Math.max(0, of[axis]! - i * each)))
  const together = parts.reduce((sum, part) => sum + part, 0)
  if (parts.length !== count || together !== of[axis])
    refuse(`splits ${of[axis]} into ${count} parts of [${parts}]; their sum must be ${of[axis]}`)
  return moved(...parts.map((part) => makeValue(type, of.with(axis, sizeOf(part, 'a part')))))
}

/** The first place, as NumPy counts it, and how many are taken. */
function taken(size: number, [start, end, step]: readonly [number, number, number]): number[] {
  if (step === 0) return refuse('has a step of 0; use another number')
  const place = (at: number, least: number, most: number) =>
    Math.min(most, Math.max(least, at < 0 ? at + size : at))
  const [from, to] =
    step > 0
      ? [place(start, 0, size), place(end, 0, size)]
      : [place(start, 0, size - 1), place(end, -1, size - 1)]
  return [from, Math.max(0, Math.ceil((to - from) / step))]
}

const slice: Rule = (node) => {
  const { type, shape: of, known } = node.input(0)
  const [starts, ends] = [required(node, 1), required(node, 2)]
  const axes = (node.constant(3) ?? starts.map((_, i) => i)).map((axis) => axisOf(axis, of.length))
  const steps = node.constant(4) ?? starts.map(() => 1)
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
    refuse('has starts, ends, axes and steps of different lengths; give as many of each')
  const cut = of.slice()
  let [from, count] = [0, of[0] ?? 0]
  axes.forEach((axis, i) => {
    ;[from, count] = taken(cut[axis]!, [starts[i]!, ends[i]!, steps[i]!]) as [number, number]
    cut[axis] = count
  })
  const isList = of.length === 1 && axes.length === 1 && known !== undefined
  const contents = isList ? Array.from({ length: count }, (_, i) => known[from + i * steps[0]!]!) : undefined
  return moved(makeValue(type, cut, contents))
}

/** Constant indices are checked here; others only where the graph runs. */
function requireWithin(indices: Value, size: number): void {
  const wrong = indices.known?.find((index) => !(index >= -size && index < size))
  if (wrong !== undefined)
    refuse(`takes element ${wrong} of ${size}; use ${-size} to ${size - 1}, or clip the indices`)
}

const gather: Rule = (node) => {
  const [data, indices] = [node.input(0), node.input(1)]
  const axis = axisOf(node.int('axis', 0), data.shape.length)
  const length = data.shape[axis]!
  requireWithin(indices, length)
  const out = data.shape.toSpliced(axis, 1, ...indices.shape)
  const known =
    data.shape.length === 1 && data.known !== undefined
      ? indices.known?.map((index) => data.known![index < 0 ? index + length : index]!)
      : undefined
  return moved(makeValue(data.type, out, known))
}

const gatherElements: Rule = (node) => {
  const [data, indices] = [node.input(0), node.input(1)]
  requireWithin(indices, data.shape[axisOf(node.int('axis', 0), data.shape.length)]!)
  return moved(makeValue(data.type, indices.shape))
}

/** Each row of indices is a place in the data's axes after the batch ones. */
function requirePlaces(data: Value, indices: Value, batchAxes: number): number {
  const depth = indices.shape.at(-1) ?? refuse('has indices of rank 0; give them a last axis')
  if (batchAxes + depth > data.shape.length)
    refuse(`has indices of ${depth} axes for a value of rank ${data.shape.length}; use fewer`)
  indices.known?.forEach((index, i) => {
    requireWithin({ ...indices, known: [index] }, data.shape[batchAxes + (i % depth)]!)
  })
  return depth
}

const gatherND: Rule = (node) => {
  const [data, indices] = [node.input(0), node.input(1)]
  const batchAxes = sizeOf(node.int('batch_dims', 0), 'batch_dims')
  const depth = requirePlaces(data, indices, batchAxes)
  return moved(makeValue(data.type, [...indices.shape.slice(0, -1), ...data.shape.slice(batchAxes + depth)]))
}

/** The data with some elements replaced. */
const scatter: Rule = (node) => {
  const [data, indices] = [node.input(0), node.input(1)]
  if (node.opType === 'ScatterND') requirePlaces(data, indices, 0)
  else requireWithin(indices, data.shape[axisOf(node.int('axis', 0), data.shape.length)]!)
  const operations =
    MOVED_ELEMENT * elementCount(data.shape) + SCATTERED_ELEMENT * elementCount(node.input(2).shape)
  return { outputs: [makeValue(data.type, data.shape)], operations }
}

const topK: Rule = (node) => {
  const { type, shape: of } = node.input(0)
  const axis = axisOf(node.int('axis', -1), of.length)
  const count = sizeOf(required(node, 1)[0] ?? Number.NaN, 'its number of values')
  if (count > of[axis]!) refuse(`takes the first ${count} of ${of[axis]}; take at most ${of[axis]}`)
  const out = of.with(axis, count)
  const operations = elementCount(of) * (MOVED_ELEMENT + SORTED_ELEMENT * Math.ceil(Math.log2(count + 1)))
  return {
    outputs: [makeValue(type, out), makeValue(DataType.INT64, out)].slice(0, node.outputCount),
    operations,
  }
}

export const MOVEMENT: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['Shape', shape],
  ['Size', size],
  ['Constant', constant],
  ['ConstantOfShape', constantOfShape],
  ['Expand', expand],
  ['Tile', tile],
  ['Range', range],
  ['OneHot', oneHot],
  ['EyeLike', eyeLike],
  ['Pad', pad],
  ['Reshape', reshape],
  ['Flatten', flatten],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Transpose', transpose],
  ['Concat', concat],
  ['Split', split],
  ['Slice', slice],
  ['Gather', gather],
  ['GatherElements', gatherElements],
  ['GatherND', gatherND],
  ['ScatterElements', scatter],
  ['ScatterND', scatter],
  ['TopK', topK],
])
